import { expect, test } from 'vitest'
import { decodeClientFrame, decodeServerFrame, encodeFrame, isOwnEvent, isRefusalCode, type OwnEvent } from '../../src/protocol/index.ts'
import { CLIENT_FIELDS, CLIENT_FRAMES } from './client-frames.ts'
import { golden, table } from './page.ts'
import { SERVER_FIELDS, SERVER_FRAMES } from './server-frames.ts'

const EXAMPLES = golden('frame').map(({ of, text }) => [of, text] as const)

test.each(EXAMPLES)('the example of %s is decoded, and encoded again to the same', (of, text) => {
  const compact = JSON.stringify(JSON.parse(text))
  const decoded = of.startsWith('client:') ? decodeClientFrame(compact) : decodeServerFrame(compact)
  expect(decoded).toEqual({ kind: 'frame', frame: JSON.parse(text) })
  if (decoded.kind !== 'frame') return
  expect(of).toMatch(new RegExp(`^(client|server):${decoded.frame.type}$`))
  expect(encodeFrame(decoded.frame)).toBe(compact)
})

const FIELDS = [
  ...Object.entries(CLIENT_FIELDS).map(([type, fields]) => [`client:${type}`, fields] as const),
  ...Object.entries(SERVER_FIELDS).map(([type, fields]) => [`server:${type}`, fields] as const),
]

test('there is an example of every frame, and of nothing else', () => {
  const types = [
    ...Object.keys(CLIENT_FRAMES).map((type) => `client:${type}`),
    ...Object.keys(SERVER_FRAMES).map((type) => `server:${type}`),
  ]
  expect(new Set(EXAMPLES.map(([of]) => of))).toEqual(new Set(types))
})

test.each(FIELDS)('the table of %s has its fields, and says which must be there', (of, fields) => {
  const said = Object.fromEntries(table(`fields ${of}`).map(([name = '', , required]) => [name, required === 'yes']))
  expect(said).toEqual(Object.fromEntries(Object.entries(fields).map(([name, { optional }]) => [`\`${name}\``, !optional])))
})

test.each(FIELDS)('the fields in the examples of %s are those of its table', (of, fields) => {
  const shown = EXAMPLES.filter(([type]) => type === of).flatMap(([, text]) => Object.keys(JSON.parse(text) as object))
  expect(['type', ...Object.keys(fields)]).toEqual(expect.arrayContaining(shown))
})

const OWN: Readonly<Record<OwnEvent['name'], true>> = {
  'throughline/queued': true,
  'throughline/unqueued': true,
  'throughline/stopping': true,
  'throughline/answered': true,
  'throughline/rewound': true,
}

test('there is an example of every event of our own', () => {
  const events = golden('event').map(({ of, text }) => [of, JSON.parse(text) as OwnEvent] as const)
  for (const [of, event] of events) expect(isOwnEvent(event) && event.name).toBe(of)
  expect(new Set(events.map(([of]) => of))).toEqual(new Set(Object.keys(OWN)))
})

/** The frames of an array that is shown as the body of a request, or of its answer. */
function framesIn(of: string): readonly object[] {
  return JSON.parse(golden('http').find((example) => example.of === of)?.text ?? '[]') as object[]
}

test.each([
  ['opening', ['hello', 'attach', 'attach', 'watch']],
  ['commands', ['send', 'stop']],
])('the example of a body with %s has frames of a client', (of, types) => {
  expect(framesIn(of).map((frame) => decodeClientFrame(JSON.stringify(frame)))).toMatchObject(
    types.map((type) => ({ kind: 'frame', frame: { type } })),
  )
})

test('the example of answers to commands has frames of the server, one for each', () => {
  const answers = framesIn('answers').map((frame) => decodeServerFrame(JSON.stringify(frame)))
  expect(answers).toMatchObject(framesIn('commands').map((command) => ({ kind: 'frame', frame: { id: 'id' in command && command.id } })))
})

test('the example of an error has a code that there is', () => {
  const error = golden('http').find(({ of }) => of === 'error')
  const { code } = JSON.parse(error?.text ?? '{}') as { readonly code?: string }
  expect(isRefusalCode(code ?? '')).toBe(true)
})
