import * as fc from 'fast-check'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { decodeClientFrame, decodeServerFrame, encodeFrame, type ClientFrame, type ServerFrame } from '../../src/protocol/index.ts'
import { ANY_CLIENT_FRAME, ANY_SERVER_FRAME } from './arbitrary-frames.ts'
import { CLIENT_FRAMES } from './client-frames.ts'
import { SERVER_FRAMES } from './server-frames.ts'

/** How often a decoder looks at something of what it parsed. */
function looks(decode: (text: string) => unknown, frame: object): number {
  let count = 0
  const counting = (value: unknown): unknown =>
    typeof value === 'object' && value !== null
      ? new Proxy(value, {
          get: (target, name) => {
            count++
            return counting(Reflect.get(target, name))
          },
        })
      : value
  const { parse } = JSON
  vi.spyOn(JSON, 'parse').mockImplementation((text: string) => counting(parse(text)))
  expect(decode(JSON.stringify(frame))).toMatchObject({ kind: 'frame' })
  vi.restoreAllMocks()
  return count
}

const many = <T>(count: number, one: T): T[] => Array.from({ length: count }, () => one)
const named = (count: number): object => Object.fromEntries(many(count, 0).map((_, index) => [`n${index}`, index]))

const DECODERS = { client: decodeClientFrame, server: decodeServerFrame }

describe('a valid frame is decoded, and encoded again to the same text', () => {
  test.each(Object.entries(ANY_CLIENT_FRAME))('%s', (_type, frames) => {
    fc.assert(
      fc.property(frames, (frame) => {
        const text = encodeFrame(frame as ClientFrame)
        const decoded = decodeClientFrame(text)
        expect(decoded).toEqual({ kind: 'frame', frame: JSON.parse(text) })
        if (decoded.kind === 'frame') expect(encodeFrame(decoded.frame)).toBe(text)
      }),
      { numRuns: 50 },
    )
  })

  test.each(Object.entries(ANY_SERVER_FRAME))('%s, from the server', (_type, frames) => {
    fc.assert(
      fc.property(frames, (frame) => {
        const text = encodeFrame(frame as ServerFrame)
        const decoded = decodeServerFrame(text)
        expect(decoded).toEqual({ kind: 'frame', frame: JSON.parse(text) })
        if (decoded.kind === 'frame') expect(encodeFrame(decoded.frame)).toBe(text)
      }),
      { numRuns: 50 },
    )
  })
})

describe.each(Object.entries(DECODERS))('the decoder of the %s’s frames never throws', (side, decode) => {
  const types = Object.keys(side === 'client' ? CLIENT_FRAMES : SERVER_FRAMES)
  const names = [...new Set(Object.values(side === 'client' ? CLIENT_FRAMES : SERVER_FRAMES).flatMap((frame) => Object.keys(frame)))]

  test('on any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => void decode(text)))
  })

  test('on any JSON', () => {
    fc.assert(fc.property(fc.json(), (text) => void decode(text)))
  })

  test('on the fields of frames with anything in them', () => {
    const frames = fc.tuple(fc.constantFrom(...types), fc.dictionary(fc.constantFrom(...names), fc.jsonValue()))
    fc.assert(fc.property(frames, ([type, fields]) => void decode(JSON.stringify({ ...fields, type }))))
  })

  test('on a frame that breaks off anywhere', () => {
    const whole = encodeFrame(side === 'client' ? CLIENT_FRAMES.send : SERVER_FRAMES.attached)
    for (let length = 0; length < whole.length; length++) expect(decode(whole.slice(0, length)).kind).toMatch(/refused|malformed/)
  })
})

describe('decoding twice as much looks at twice as much', () => {
  afterEach(() => void vi.restoreAllMocks())

  const { attached, batch, directory, ping } = SERVER_FRAMES
  const { snapshot } = attached as Extract<typeof attached, { resumed: false }>
  const { messages, runs } = snapshot.transcript

  test.each<[string, keyof typeof DECODERS, (count: number) => object]>([
    [
      'the parts of a message',
      'client',
      (count) => ({ ...CLIENT_FRAMES.send, message: { id: 'm1', role: 'user', content: many(count, { type: 'text', text: 'x' }) } }),
    ],
    ['tools', 'client', (count) => ({ ...CLIENT_FRAMES.send, input: { tools: many(count, { name: 'n', description: 'd' }) } })],
    ['a payload', 'client', (count) => ({ ...CLIENT_FRAMES.answer, payload: many(count, [{}]) })],
    ['fields that nobody knows', 'client', (count) => ({ ...named(count), ...CLIENT_FRAMES.ping })],
    ['events', 'server', (count) => ({ ...batch, from: 1, to: count, events: many(count, { type: 'RAW' }) })],
    [
      'messages',
      'server',
      (count) => ({ ...attached, snapshot: { ...snapshot, transcript: { ...snapshot.transcript, messages: many(count, messages[0]) } } }),
    ],
    [
      'runs',
      'server',
      (count) => ({ ...attached, snapshot: { ...snapshot, transcript: { ...snapshot.transcript, runs: many(count, runs[0]) } } }),
    ],
    ['sessions', 'server', (count) => ({ ...directory, sessions: many(count, directory.sessions[0]) })],
    ['what was sent', 'server', (count) => ({ ...ping, sent: named(count) })],
  ])('of %s', (_what, side, frameOf) => {
    const [few, more, most] = [100, 200, 400].map((count) => looks(DECODERS[side], frameOf(count)))
    expect((most ?? 0) - (more ?? 0)).toBe(2 * ((more ?? 0) - (few ?? 0)))
  })
})
