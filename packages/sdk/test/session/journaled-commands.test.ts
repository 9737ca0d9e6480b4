import { expect, test } from 'vitest'
import type { QueuedMessage, SessionEvent } from '../../src/protocol/index.ts'
import { journaledCommands } from '../../src/session/journaled-commands.ts'
import { note, runFinished, runStarted } from '../stage.ts'

const waiting = (id: string): QueuedMessage => ({ message: { id, role: 'user', content: '' }, by: 'ann' })
const custom = (name: string, value: unknown): SessionEvent => ({ type: 'CUSTOM', name, value })

test('the start of a run shows the send of its message', () => {
  expect(journaledCommands(runStarted('r', { id: 'a', content: 'hi' }), [])).toEqual([['a', { run: 'r' }]])
})

test('a queued message shows its send, with its place in the queue', () => {
  const queued = custom('throughline/queued', { message: { id: 'b', role: 'user', content: '' }, by: 'ann' })
  expect(journaledCommands(queued, [waiting('a'), waiting('b')])).toEqual([['b', { queued: 2 }]])
  expect(journaledCommands(queued, [])).toEqual([['b', { queued: 1 }]])
})

test('an answered tool call shows the send of its result', () => {
  const answered = custom('throughline/answered', {
    toolCallId: 't',
    by: 'ann',
    message: { id: 'a', role: 'tool', toolCallId: 't', content: '' },
  })
  expect(journaledCommands(answered, [])).toEqual([['a', { answered: true }]])
})

test('other events show no send', () => {
  const others = [note(1), runFinished('r'), custom('throughline/answered', { interrupt: 'i', status: 'resolved', by: 'ann' })]
  for (const event of [...others, { type: 'RUN_STARTED', threadId: 's', runId: 'r' } as SessionEvent])
    expect(journaledCommands(event, [])).toEqual([])
})
