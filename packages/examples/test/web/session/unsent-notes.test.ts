import { SessionError, type UnsentCommand } from '@throughline/sdk'
import { expect, test, vi } from 'vitest'
import { noteOfUnsent, unsentNotes, type UnsentNote } from '../../../web/src/session/unsent-notes.ts'

const note = (id: string): UnsentNote => ({ id, what: 'message', text: `text of ${id}`, why: 'refused' })

/** What a client keeps for the page; `known`: when it can be asked. */
function keeping(kept: Readonly<Record<string, unknown>> = {}, known: Promise<void> = Promise.resolve()) {
  const values = new Map<string, unknown>(Object.entries(kept))
  return {
    values,
    recall: async (name: string) => {
      await known
      return values.get(name)
    },
    remember: async (name: string, value: unknown) => {
      if (value === undefined) values.delete(name)
      else values.set(name, value)
    },
  }
}

const idsOf = (notes: { readonly list: () => readonly UnsentNote[] }) => notes.list().map(({ id }) => id)

test('what was not sent is kept until it is sent again or thrown away', async () => {
  const place = keeping()
  const notes = unsentNotes(place, 's', () => undefined)
  notes.add(note('a'))
  await vi.waitFor(() => expect(place.values.get('web/unsent/s')).toEqual([note('a')]))
  notes.remove('a')
  expect(notes.list()).toEqual([])
  await vi.waitFor(() => expect(place.values.size).toBe(0))
})

test('what comes before the earlier notes are known does not take their place', async () => {
  let know = (): void => undefined
  const known = new Promise<void>((resolve) => {
    know = resolve
  })
  const place = keeping({ 'web/unsent/s': [note('early')] }, known)
  const changed = vi.fn<() => void>()
  const notes = unsentNotes(place, 's', changed)
  notes.add(note('late'))
  expect(idsOf(notes)).toEqual(['late'])
  know()
  await vi.waitFor(() => expect(idsOf(notes)).toEqual(['early', 'late']))
  expect(changed).toHaveBeenCalledTimes(2)
  await vi.waitFor(() => expect(place.values.get('web/unsent/s')).toEqual([note('early'), note('late')]))
})

test('each session has its own', async () => {
  const place = keeping({ 'web/unsent/other': [note('a')] })
  const notes = unsentNotes(place, 's', () => undefined)
  notes.add(note('b'))
  await vi.waitFor(() => expect(place.values.get('web/unsent/s')).toEqual([note('b')]))
  expect(idsOf(notes)).toEqual(['b'])
})

test('a note says what was typed, and why it did not arrive', () => {
  const full: UnsentCommand = {
    command: { type: 'send', id: 'c', session: 's', message: { id: 'c', role: 'user', content: 'Hello' } },
    text: 'Hello',
    error: new SessionError('queue_full', 'the queue is full'),
  }
  expect(noteOfUnsent(full)).toEqual({ id: 'c', what: 'message', text: 'Hello', why: 'The queue is full' })
  expect(noteOfUnsent({ ...full, error: new SessionError('expired', 'x') }).why).toContain('a day')
  const answer = { type: 'answer', id: 'd', session: 's', interrupt: 'i', status: 'resolved', payload: { city: 'Rome' } } as const
  expect(noteOfUnsent({ command: answer, text: '', error: full.error })).toMatchObject({ what: 'answer', text: '{"city":"Rome"}' })
  const cancelled = { type: 'answer', id: 'd', session: 's', interrupt: 'i', status: 'cancelled' } as const
  expect(noteOfUnsent({ command: cancelled, text: '', error: full.error }).text).toBe('')
})
