import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { CUSTOM_BYTES, CUSTOM_NAMES, EMPTY_TRANSCRIPT, PARTS_PER_MESSAGE, type SessionEvent } from '../../src/protocol/index.ts'
import { applyEvents } from '../../src/transcript/index.ts'
import { anyLog } from '../transcript/any-log.ts'
import { custom, event, runFinished, runStarted, snapshot, text } from '../transcript/log.ts'
import { plainFold } from './plain-fold.ts'

function expectSame(log: readonly SessionEvent[]): void {
  const real: unknown = JSON.parse(JSON.stringify(applyEvents(EMPTY_TRANSCRIPT, log)))
  expect(plainFold(EMPTY_TRANSCRIPT, log)).toEqual(real)
}

const id = fc.constantFrom('u1', 'm1', 'm2', 't1')
const told = fc.record(
  {
    subagentRunId: fc.constantFrom('s1', 's2'),
    encryptedValue: fc.constant('x'),
    metadata: fc.record({ a: fc.nat(2) }),
    name: fc.constant('Ann'),
  },
  { requiredKeys: [] },
)
const content = fc.oneof(
  fc.constantFrom('', 'Hello'),
  fc.array(
    fc.oneof(
      fc.record(
        { type: fc.constant('text'), text: fc.constantFrom('a', ''), id: id, metadata: fc.nat(1) },
        { requiredKeys: ['type', 'text'] },
      ),
      fc.record(
        { type: fc.constant('image'), source: fc.constant({ type: 'url', value: 'x' }), id: id },
        { requiredKeys: ['type', 'source'] },
      ),
    ),
    { maxLength: 2 },
  ),
)
const toolCalls = fc.array(
  fc
    .tuple(id, told)
    .map(([call, { name: _, ...more }]) => ({ id: call, type: 'function', function: { name: 'look', arguments: '{}' }, ...more })),
  { maxLength: 1 },
)
const message = fc.oneof(
  fc.tuple(id, fc.constantFrom('user', 'tool'), content, told).map(([it, role, said, more]) => ({
    ...{ id: it, role, content: said, ...more },
    ...(role === 'tool' && { toolCallId: 't1', error: 'none' }),
  })),
  fc.tuple(id, toolCalls, told).map(([it, calls, more]) => ({ id: it, role: 'assistant', toolCalls: calls, ...more })),
  fc.tuple(id, told).map(([it, more]) => ({ id: it, role: 'assistant', content: 'Hi', ...more })),
  fc
    .tuple(fc.constantFrom('p1', 'p2'), told)
    .map(([it, more]) => ({ id: it, role: 'activity', activityType: 'PLAN', content: {}, ...more })),
)
const messages = fc.array(message, { maxLength: 4 })

/** What the logs of the fold's own tests do without. */
const further: fc.Arbitrary<SessionEvent> = fc.oneof(
  fc.tuple(messages, fc.nat(99)).map(([list, run]) =>
    event('RUN_STARTED', {
      ...runStarted(`r${100 + run}`, list),
      metadata: { throughline: { by: 'ann', resumes: 'r1' } },
      timestamp: run,
      ...(run > 50 && { input: { messages: list, state: { n: run } } }),
    }),
  ),
  fc.tuple(id, fc.constantFrom('user', 'system')).map(([messageId, role]) => event('TEXT_MESSAGE_START', { messageId, role })),
  messages.map((list) => snapshot(list, { timestamp: 7 })),
  fc
    .tuple(messages, fc.constantFrom<unknown[]>(undefined as never, null as never, [], ['PLAN'], ['LIST']))
    .map(([list, types]) => snapshot(list, { metadata: { '@ag-ui/client': { authoritativeActivityTypes: types } } })),
  fc
    .constantFrom('r0', 'r1')
    .map((run) => event('RUN_FINISHED', { ...runFinished(run, { type: 'success' }), usage: [{ inputTokens: 1 }], result: [1] })),
)

/** A log with further events in it, each at some place. */
const richLog = fc
  .tuple(anyLog, fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), further), { maxLength: 6 }))
  .map(([log, more]) => {
    const events = [...log]
    for (const [place, one] of more) events.splice(1 + Math.floor(place * events.length), 0, one)
    return JSON.parse(JSON.stringify(events)) as SessionEvent[]
  })

test('a fold that is written from the rules of PROTOCOL.md alone makes the same transcript of any log', () => {
  fc.assert(fc.property(richLog, expectSame), { numRuns: 150 })
})

test('so it does where a message has as many parts as it may', () => {
  expectSame([runStarted('r'), ...Array.from({ length: 2 * PARTS_PER_MESSAGE + 1 }, (_, index) => text(`m${index}`, 'x')).flat()])
})

test('so it does where there are more custom values than are kept', () => {
  expectSame(Array.from({ length: CUSTOM_NAMES + 5 }, (_, index) => custom(`n${index % (CUSTOM_NAMES + 2)}`, index)))
  const sizes = fc.array(fc.tuple(fc.constantFrom('a', 'b', '7', 'ü'), fc.integer({ min: 0, max: CUSTOM_BYTES })), { maxLength: 8 })
  fc.assert(
    fc.property(sizes, (log) => expectSame(log.map(([name, size]) => custom(name, 'x'.repeat(size))))),
    { numRuns: 30 },
  )
})
