import { describe, expect, test } from 'vitest'
import { decodeServerFrame, encodeFrame, type ServerFrame } from '../../src/protocol/index.ts'
import { damages, reductions, type FieldTable } from './field-table.ts'
import { DAMAGED_TRANSCRIPTS, NESTED, SERVER_FIELDS, SERVER_FRAMES, type Nested } from './server-frames.ts'

function decode(frame: unknown): ReturnType<typeof decodeServerFrame> {
  return decodeServerFrame(JSON.stringify(frame))
}

const FRAMES: readonly ServerFrame[] = Object.values(SERVER_FRAMES)
const PARTS = Object.entries(NESTED as Readonly<Record<string, Nested<object>>>)
const tableOf = ({ type }: ServerFrame) => SERVER_FIELDS[type] as FieldTable<object>

test.each(FRAMES.map((frame) => [frame.type, frame] as const))('%s: with every field it is given as it came', (_type, frame) => {
  expect(decodeServerFrame(encodeFrame(frame))).toEqual({ kind: 'frame', frame })
})

test.each(FRAMES.flatMap((frame) => damages<object>(frame, tableOf(frame)).map((damage) => [frame.type, ...damage] as const)))(
  '%s: %s it is malformed at that name',
  (type, _rule, field, value) => {
    // The fault may be further inside.
    expect(decode(value)).toMatchObject({ kind: 'malformed', fault: expect.stringMatching(`^${type}\\.${field}[. ]`) })
  },
)

test.each(
  FRAMES.filter(({ type }) => type !== 'attached').flatMap((frame) =>
    reductions<object>(frame, tableOf(frame)).map((one) => [frame.type, ...one] as const),
  ),
)('%s: %s it is taken', (_type, _rule, _field, frame) => {
  expect(decode(frame)).toEqual({ kind: 'frame', frame })
})

test.each(PARTS.flatMap(([name, part]) => damages(part.whole, part.fields).map((damage) => [name, ...damage, part] as const)))(
  '%s: %s the frame is malformed at the path to that',
  (_name, _rule, field, value, { path, inFrame }) => {
    // Limits are looked at as one.
    const fault = path === 'welcome.limits' ? path : `${path}.${field}`
    expect(decode(inFrame(value))).toMatchObject({ kind: 'malformed', fault: `${fault} is missing or not as the protocol says` })
  },
)

test.each(PARTS.flatMap(([name, part]) => reductions(part.whole, part.fields).map((one) => [name, ...one, part] as const)))(
  '%s: %s the frame is taken',
  (_name, _rule, _field, value, { inFrame }) => {
    expect(decode(inFrame(value)).kind).toBe('frame')
  },
)

test.each(DAMAGED_TRANSCRIPTS)('a snapshot whose transcript has nothing good at %s is malformed', (path, damage) => {
  const { attached } = SERVER_FRAMES
  const { snapshot } = attached as Extract<typeof attached, { resumed: false }>
  const damaged = { ...attached, snapshot: { ...snapshot, transcript: { ...snapshot.transcript, ...damage } } }
  expect(decode(damaged)).toMatchObject({
    kind: 'malformed',
    fault: `attached.snapshot.transcript.${path} is missing or not as the protocol says`,
    session: 'ses_1',
  })
})

describe('what fields promise of each other', () => {
  const attached = { type: 'attached', id: 'a1', session: 's', head: 7 }
  const { snapshot } = SERVER_FRAMES.attached as { readonly snapshot?: unknown }
  const batch = { type: 'batch', session: 's', from: 8, to: 9, mark: 'AbCdEfGhIj', at: 1 }
  const event = { type: 'RAW', event: 1 }

  test.each([
    ['who resumes needs no snapshot', { ...attached, resumed: true, snapshot }, 'attached.snapshot'],
    ['who resumes needs no reason', { ...attached, resumed: true, reason: 'no_cursor' }, 'attached.reason'],
    ['who does not resume needs a snapshot', { ...attached, resumed: false, reason: 'no_cursor' }, 'attached.snapshot'],
    ['who does not resume is told why', { ...attached, resumed: false, snapshot }, 'attached.reason'],
    ['a batch begins at 1 or later', { ...batch, from: 0, events: [event] }, 'batch.from'],
    ['a batch ends where it begins, or later', { ...batch, to: 7, events: [event] }, 'batch.from'],
    ['a batch has no more events than seqs', { ...batch, events: [event, event, event] }, 'batch.events'],
  ])('%s', (_rule, frame, fault) => {
    expect(decode(frame)).toMatchObject({ kind: 'malformed', fault: `${fault} is missing or not as the protocol says`, session: 's' })
  })

  test.each([
    ['who resumes gets the head', { ...attached, resumed: true }],
    ['a merged batch has fewer events than seqs', { ...batch, events: [event] }],
    ['a batch may be of one event', { ...batch, from: 9, events: [event] }],
  ])('%s', (_rule, frame) => {
    expect(decode(frame)).toEqual({ kind: 'frame', frame })
  })
})

describe('what is no frame', () => {
  test.each(['', '{"type":"pong"', '\u{0}'])('%j is not JSON', (text) => {
    expect(decodeServerFrame(text)).toEqual({ kind: 'malformed', fault: 'the frame is not JSON' })
  })

  test.each(['[]', 'null', '"ping"', '{}', '{"type":1}', '{"__proto__":{"type":"pong","n":1}}'])('%s has no type', (text) => {
    expect(decodeServerFrame(text)).toEqual({ kind: 'malformed', fault: 'the frame has no type' })
  })

  test.each(['poke', 'Ping', '', 'constructor', '__proto__', 'hello'])('a type %j is not known, and to be ignored', (type) => {
    expect(decode({ type, session: 's', from: 'x' })).toEqual({ kind: 'unknown', type })
  })
})

test('a malformed frame is a fault of the session that it names', () => {
  expect(decode({ type: 'batch', session: 's' })).toMatchObject({ kind: 'malformed', session: 's' })
  expect(decode({ type: 'batch', session: 1 })).not.toHaveProperty('session')
  expect(decode({ type: 'welcome' })).not.toHaveProperty('session')
})

test('fields beyond those of the protocol are kept', () => {
  const frame = { type: 'pong', n: 1, later: { a: [1] } }
  expect(decode(frame)).toEqual({ kind: 'frame', frame })
})

test('values of a later version’s lists are kept: statuses, reasons, codes, part types, events', () => {
  const frames = [
    { type: 'refused', code: 'too_polite', message: 'no' },
    { type: 'detached', session: 's', reason: 'moved' },
    { ...SERVER_FRAMES.welcome, durability: 'engraved' },
    { ...SERVER_FRAMES.batch, events: [{ type: 'THOUGHT' }] },
  ]
  for (const frame of frames) expect(decode(frame)).toEqual({ kind: 'frame', frame })
})

test('a number that is too large for one is none', () => {
  const text = encodeFrame({ ...SERVER_FRAMES.batch, at: 77 }).replace('"at":77', '"at":1e999')
  expect(decodeServerFrame(text)).toMatchObject({ kind: 'malformed', fault: expect.stringContaining('batch.at ') })
})
