import { expect, test } from 'vitest'
import { keepDrafts } from '../../src/layout/drafts.ts'
import { testClock } from '../../src/testing/index.ts'

function open(kept: Record<string, unknown> = {}) {
  const clock = testClock()
  const writes: [string, unknown][] = []
  const place = {
    recall: async (name: string) => kept[name],
    remember: async (name: string, value: unknown) => {
      writes.push([name, value])
    },
  }
  return { drafts: keepDrafts(place, clock.timers), clock, writes }
}

test('a draft is kept a moment after the last key', async () => {
  const { drafts, clock, writes } = open()
  for (const text of ['h', 'he', 'hey']) {
    drafts.set('s', text)
    await clock.advance(200)
  }
  expect(writes).toEqual([])
  await clock.advance(100)
  expect(writes).toEqual([['draft/s', 'hey']])
  expect(drafts.of('s')).toBe('hey')
  expect(drafts.of('t')).toBe('')
})

test('what was kept is read, unless something was typed meanwhile', async () => {
  const { drafts } = open({ 'draft/s': 'old', 'draft/t': 'old', 'draft/odd': 7 })
  const loading = drafts.load('s')
  drafts.set('s', 'new')
  expect(await loading).toBe(false)
  expect(drafts.of('s')).toBe('new')
  expect(await drafts.load('t')).toBe(true)
  expect(drafts.of('t')).toBe('old')
  expect(await drafts.load('odd')).toBe(false)
})

test('flushing keeps now, once, and leaves no timer', async () => {
  const { drafts, clock, writes } = open()
  drafts.set('s', 'x')
  drafts.set('t', '')
  drafts.flush()
  expect(writes).toEqual([
    ['draft/s', 'x'],
    ['draft/t', undefined],
  ])
  expect(clock.pending).toBe(0)
  drafts.flush()
  expect(writes).toHaveLength(2)
})

test('what is cleared is not kept', async () => {
  const { drafts, clock, writes } = open()
  drafts.set('s', 'secret')
  drafts.clear()
  await clock.advance(1_000)
  expect(writes).toEqual([])
  expect(drafts.of('s')).toBe('')
})
