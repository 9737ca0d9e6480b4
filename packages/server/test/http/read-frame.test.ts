import { expect, test } from 'vitest'
import { readFrame } from '../../src/http/read-frame.ts'

const PING = JSON.stringify({ type: 'ping', n: 1 })
const SEND = JSON.stringify({ type: 'send', id: 'm1', session: 's1', message: { id: 'm1', role: 'user', content: 'äöü'.repeat(100) } })

test('a frame within the limit is read', () => {
  expect(readFrame(Buffer.from(PING), false, 100)).toEqual({ kind: 'frame', frame: { type: 'ping', n: 1 } })
})

test('the limit counts encoded bytes, and the refusal says which frame it was', () => {
  const bytes = Buffer.from(SEND)
  expect(bytes.length).toBeGreaterThan(SEND.length)
  expect(readFrame(bytes, false, bytes.length).kind).toBe('frame')
  expect(readFrame(bytes, false, bytes.length - 1)).toMatchObject({ kind: 'refused', code: 'too_large', id: 'm1', session: 's1' })
})

test('a frame over the limit that is no frame at all is too large first', () => {
  expect(readFrame(Buffer.from('x'.repeat(101)), false, 100)).toMatchObject({ kind: 'refused', code: 'too_large' })
})

test('binary is no frame', () => {
  expect(readFrame(Buffer.from(PING), true, 100)).toMatchObject({ kind: 'refused', code: 'invalid' })
})
