import type { DirectoryFrame, ServerFrame } from '@throughline/sdk/protocol'
import { expect, test } from 'vitest'
import { startPoll } from '../../src/http/poll.ts'
import { manualTimers } from '../manual-timers.ts'

/** An answer that is watched: which frames left before it ended. */
function polled() {
  const timers = manualTimers()
  let left = 0
  let endedAfter: number | undefined
  const poll = startPoll(timers, () => {
    endedAfter = left
    poll.stop()
  })
  return {
    timers,
    leave(...frames: readonly ServerFrame[]) {
      for (const frame of frames) {
        left += 1
        poll.note(JSON.stringify(frame))
      }
    },
    stop: poll.stop,
    endedAfter: () => endedAfter,
  }
}

const PART: DirectoryFrame = { type: 'directory', sessions: [], more: true }
const LAST: DirectoryFrame = { type: 'directory', sessions: [] }
const NEWS: ServerFrame = { type: 'pong', n: 1 }
const BATCH: ServerFrame = { type: 'batch', session: 's', from: 1, to: 1, mark: 'aaaaaaaaaa', at: 1, events: [] }

test('an answer ends 50 ms after its first news', async () => {
  const { leave, timers, endedAfter } = polled()
  leave(NEWS)
  await timers.advance(49)
  leave(BATCH)
  expect(endedAfter()).toBeUndefined()
  await timers.advance(1)
  expect(endedAfter()).toBe(2)
})

test('it does not end in the middle of a directory: a part of one counts for nothing', async () => {
  const { leave, timers, endedAfter } = polled()
  leave(NEWS, PART)
  await timers.advance(1_000)
  leave(PART, BATCH)
  expect(endedAfter()).toBeUndefined()
  leave(LAST)
  expect(endedAfter()).toBe(5)
})

test('nor when 20 s without news are over', async () => {
  const { leave, timers, endedAfter } = polled()
  leave(PART)
  await timers.advance(20_000)
  expect(endedAfter()).toBeUndefined()
  leave(LAST)
  expect(endedAfter()).toBe(2)
})

test('what becomes whole in time ends nothing', async () => {
  const { leave, timers, endedAfter } = polled()
  leave(PART, LAST)
  await timers.advance(19_999)
  expect(endedAfter()).toBeUndefined()
  await timers.advance(1)
  expect(endedAfter()).toBe(2)
})

test('a change of the directory that comes in several frames is news, and is not cut either', async () => {
  const { leave, timers, endedAfter } = polled()
  leave(LAST, PART)
  await timers.advance(50)
  expect(endedAfter()).toBeUndefined()
  leave(LAST)
  expect(endedAfter()).toBe(3)
})

test('one that was stopped ends nothing', async () => {
  const { leave, timers, stop, endedAfter } = polled()
  leave(NEWS, PART)
  stop()
  leave(LAST)
  await timers.advance(30_000)
  expect(endedAfter()).toBeUndefined()
  expect(timers.waiting()).toBe(0)
})
