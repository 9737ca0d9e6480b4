import { expect, test } from 'vitest'
import { LIMITS, type CommandFrame } from '../../src/protocol/index.ts'
import { encodeCommand } from '../../src/session/encode-command.ts'

const send = (content: string, id = 'a'): CommandFrame => ({ type: 'send', id, session: 's', message: { id, role: 'user', content } })
const bytesOfMessage = (content: string) => Buffer.byteLength(JSON.stringify({ id: 'a', role: 'user', content }))

test('a message may be as large as the server says, in UTF-8 bytes, and no larger', () => {
  const content = 'ä€😀'.repeat(100)
  const limits = { ...LIMITS, messageBytes: bytesOfMessage(content) }
  expect(() => encodeCommand(send(content), limits)).not.toThrow()
  expect(() => encodeCommand(send(`${content}a`), limits)).toThrow(expect.objectContaining({ code: 'too_large' }))
})

test('the payload of an answer has the limit of a message', () => {
  const answer: CommandFrame = { type: 'answer', id: 'a', session: 's', interrupt: 'i', status: 'resolved', payload: 'x'.repeat(100) }
  expect(() => encodeCommand(answer, { ...LIMITS, messageBytes: 102 })).not.toThrow()
  expect(() => encodeCommand(answer, { ...LIMITS, messageBytes: 101 })).toThrow(expect.objectContaining({ code: 'too_large' }))
})

test('a whole command has the limit of a frame', () => {
  const frame: CommandFrame = { type: 'send', id: 'a', session: 's', replaces: 'm', input: { state: 'x'.repeat(1_000) } }
  const frameBytes = JSON.stringify(frame).length
  expect(() => encodeCommand(frame, { ...LIMITS, frameBytes })).not.toThrow()
  expect(() => encodeCommand(frame, { ...LIMITS, frameBytes: frameBytes - 1 })).toThrow(expect.objectContaining({ code: 'too_large' }))
})

test('an id that the server would refuse is refused here', () => {
  for (const id of ['', 'a b', 'ä', 'x'.repeat(129)])
    expect(() => encodeCommand(send('hi', id), LIMITS)).toThrow(expect.objectContaining({ code: 'invalid' }))
  expect(() => encodeCommand(send('hi', 'A-z_0.9:b'), LIMITS)).not.toThrow()
})

test('what is no JSON is refused here', () => {
  const payload: Record<string, unknown> = {}
  payload['self'] = payload
  const answer: CommandFrame = { type: 'answer', id: 'a', session: 's', interrupt: 'i', status: 'resolved', payload }
  expect(() => encodeCommand(answer, LIMITS)).toThrow(expect.objectContaining({ code: 'invalid' }))
})
