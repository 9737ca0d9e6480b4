import { describe, expect, test } from 'vitest'
import { checkClientFrame, decodeClientFrame, encodeFrame, FRAME_DEPTH, TOKEN_CHARS, type ClientFrame } from '../../src/protocol/index.ts'
import { CLIENT_FIELDS, CLIENT_FRAMES, NESTED, type Nested } from './client-frames.ts'
import { damages, reductions, type FieldTable } from './field-table.ts'

function decode(frame: unknown): ReturnType<typeof decodeClientFrame> {
  return decodeClientFrame(JSON.stringify(frame))
}

/** A message that names this path, or one further inside. */
function inside(path: string): unknown {
  return expect.stringMatching(`^${path.replaceAll('.', '\\.')}[. ]`)
}

/** A frame of so many levels, of which it is the first itself. */
function nested(levels: number): string {
  return `{"type":"answer","id":"c1","session":"s","interrupt":"i","status":"resolved","payload":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`
}

const FRAMES = Object.values(CLIENT_FRAMES)
const PARTS = Object.entries(NESTED as Readonly<Record<string, Nested<object>>>)
const tableOf = ({ type }: ClientFrame) => CLIENT_FIELDS[type] as FieldTable<ClientFrame>

test.each(FRAMES.map((frame) => [frame.type, frame] as const))('%s: with every field it is given as it came', (_type, frame) => {
  expect(decodeClientFrame(encodeFrame(frame))).toEqual({ kind: 'frame', frame })
})

test.each(FRAMES.flatMap((frame) => damages<ClientFrame>(frame, tableOf(frame)).map((damage) => [frame.type, ...damage] as const)))(
  '%s: %s it is refused by that name',
  (type, _rule, field, value) => {
    expect(decode(value)).toMatchObject({ kind: 'refused', code: 'invalid', message: inside(`${type}.${field}`) })
  },
)

test.each(FRAMES.flatMap((frame) => reductions<ClientFrame>(frame, tableOf(frame)).map((one) => [frame.type, ...one] as const)))(
  '%s: %s it is taken',
  (_type, _rule, _field, frame) => {
    expect(decode(frame)).toEqual({ kind: 'frame', frame })
  },
)

test.each(PARTS)('%s: with every field it is taken', (_name, { whole, inFrame }) => {
  expect(decode(inFrame(whole)).kind).toBe('frame')
})

test.each(PARTS.flatMap(([name, part]) => damages(part.whole, part.fields).map((damage) => [name, ...damage, part] as const)))(
  '%s: %s the frame is refused by the path to that',
  (_name, _rule, field, value, { path, inFrame }) => {
    expect(decode(inFrame(value))).toMatchObject({
      kind: 'refused',
      code: 'invalid',
      message: inside(`${path}.${field}`),
    })
  },
)

test.each(PARTS.flatMap(([name, part]) => reductions(part.whole, part.fields).map((one) => [name, ...one, part] as const)))(
  '%s: %s the frame is taken',
  (_name, _rule, _field, value, { inFrame }) => {
    expect(decode(inFrame(value)).kind).toBe('frame')
  },
)

describe('what fields promise of each other', () => {
  const send = { type: 'send', id: 'm1', session: 's' }
  const result = { id: 'm1', role: 'tool', toolCallId: 't', content: 'done' }

  test.each([
    ['a send has a message or says what it replaces', send, 'send.message '],
    ['a message has the id of its command', { ...send, message: { id: 'm2', role: 'user', content: 'x' } }, 'send.message.id '],
    ['the result of a tool replaces no message', { ...send, message: result, replaces: 'm0' }, 'send.replaces '],
    ['a stop says what it stops', { type: 'stop', id: 'c1', session: 's', queue: true }, 'stop.run '],
  ])('%s', (_rule, frame, path) => {
    expect(decode(frame)).toMatchObject({ kind: 'refused', code: 'invalid', message: expect.stringContaining(path) })
  })

  test.each([
    ['a send may only say what it replaces', { ...send, replaces: 'm0' }],
    ['a stop may name a run', { type: 'stop', id: 'c1', session: 's', run: 'r' }],
    ['a stop may name a message', { type: 'stop', id: 'c1', session: 's', message: 'm' }],
  ])('%s', (_rule, frame) => {
    expect(decode(frame).kind).toBe('frame')
  })
})

describe('what is no frame', () => {
  test.each([
    ['', 'the frame is not JSON'],
    ['{"type":"ping","n":1', 'the frame is not JSON'],
    ['\u{0}', 'the frame is not JSON'],
    ['[]', 'the frame is not a JSON object'],
    ['null', 'the frame is not a JSON object'],
    ['"ping"', 'the frame is not a JSON object'],
    ['{}', 'the frame has no type'],
    ['{"type":1}', 'the frame has no type'],
  ])('%j is invalid', (text, message) => {
    expect(decodeClientFrame(text)).toEqual({ kind: 'refused', code: 'invalid', message })
  })

  test.each(['poke', 'Ping', '', 'constructor', '__proto__', 'toString', 'welcome'])(
    'a type %j is not known, which is no fault of the link',
    (type) => {
      expect(decode({ type })).toMatchObject({ kind: 'refused', code: 'unknown_type' })
    },
  )

  test('an unknown type is named, but not at any length', () => {
    const decoded = decode({ type: 'x'.repeat(100_000) })
    expect(decoded).toMatchObject({ kind: 'refused', message: `frames of type ${'x'.repeat(40)} are not known here` })
  })

  test('a type that only an object’s prototype has is none', () => {
    expect(decodeClientFrame('{"__proto__":{"type":"ping","n":1}}')).toMatchObject({ kind: 'refused', message: 'the frame has no type' })
  })
})

describe('a refusal says which frame it was', () => {
  test('by its id and session, where they are texts', () => {
    expect(decode({ type: 'unqueue', id: 'c1', session: 's' })).toMatchObject({ kind: 'refused', id: 'c1', session: 's' })
    expect(decode({ type: 'poke', id: 'c1', session: 's' })).toMatchObject({ kind: 'refused', id: 'c1', session: 's' })
    expect(decode({ id: 'c1', session: 's' })).toMatchObject({ kind: 'refused', id: 'c1', session: 's' })
  })

  test('and not by what is none, or too long for one', () => {
    const decoded = decode({ type: 'unqueue', id: 1, session: 's'.repeat(129) })
    expect(decoded).not.toHaveProperty('id')
    expect(decoded).not.toHaveProperty('session')
  })
})

test('fields beyond those of the protocol are kept', () => {
  const frame = { type: 'ping', n: 1, later: { a: [1] } }
  expect(decode(frame)).toEqual({ kind: 'frame', frame })
  const send = { ...CLIENT_FRAMES.send, message: { ...CLIENT_FRAMES.send.message, later: 1 }, input: { later: 1 } }
  expect(decode(send)).toEqual({ kind: 'frame', frame: send })
})

test('what is parsed already is checked alike', () => {
  expect(checkClientFrame(CLIENT_FRAMES.stop)).toEqual({ kind: 'frame', frame: CLIENT_FRAMES.stop })
  expect(checkClientFrame(undefined)).toMatchObject({ kind: 'refused', code: 'invalid' })
})

test.each(['hello', 'token'] as const)('the token of %s has a length, since servers hold it while they look whose it is', (type) => {
  const frame = (length: number) => ({ ...CLIENT_FRAMES[type], token: 'x'.repeat(length) })
  expect(decode(frame(TOKEN_CHARS)).kind).toBe('frame')
  expect(decode(frame(TOKEN_CHARS + 1))).toMatchObject({ kind: 'refused', code: 'invalid', message: inside(`${type}.token`) })
})

describe('nesting', () => {
  test(`goes to ${FRAME_DEPTH} levels`, () => {
    expect(decodeClientFrame(nested(FRAME_DEPTH)).kind).toBe('frame')
    expect(decodeClientFrame(nested(FRAME_DEPTH + 1))).toMatchObject({ kind: 'refused', code: 'invalid', id: 'c1', session: 's' })
  })

  test('deeper than any stack is refused, too', () => {
    expect(decodeClientFrame(nested(100_000))).toMatchObject({ kind: 'refused', code: 'invalid' })
  })
})
