import type { ServerFrame } from '@throughline/sdk/protocol'
import { expect, test } from 'vitest'
import { streamEvent } from '../../src/http/stream-event.ts'

const SNAPSHOT = { cursor: 'abcdefghij.4', more: false, transcript: { messages: [], runs: [], queue: [], interrupts: [], custom: {} } }

function written(frame: ServerFrame): string {
  const encoded = JSON.stringify(frame)
  return streamEvent(encoded).text.replace(encoded, '…')
}

test('a batch has the cursor of its last event', () => {
  expect(
    written({
      type: 'batch',
      session: 's',
      from: 5,
      to: 7,
      mark: 'ABCDEFGHIJ',
      at: 1,
      events: [{ type: 'CUSTOM', name: 'x', value: 'id: 1\n\n' }],
    }),
  ).toBe('id: ABCDEFGHIJ.7\nevent: batch\ndata: …\n\n')
})

test('a snapshot has its own cursor, a resumed attach none', () => {
  const attached = { type: 'attached', id: 'a', session: 's', head: 4 } as const
  expect(written({ ...attached, resumed: false, reason: 'no_cursor', snapshot: SNAPSHOT })).toBe(
    'id: abcdefghij.4\nevent: attached\ndata: …\n\n',
  )
  expect(written({ ...attached, resumed: true })).toBe('event: attached\ndata: …\n\n')
})

test('bye tells an EventSource when to come back', () => {
  expect(written({ type: 'bye', reason: 'shutdown', retryMs: 1_000 })).toBe('retry: 1000\nevent: bye\ndata: …\n\n')
})

test('a frame is one line of data', () => {
  const { text } = streamEvent(JSON.stringify({ type: 'detached', session: 'a\nb\r', reason: 'deleted' }))
  expect(text.split('\n')).toHaveLength(4)
  expect(text).not.toContain('\r')
})
