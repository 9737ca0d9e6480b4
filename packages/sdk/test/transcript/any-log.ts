import fc from 'fast-check'
import type { SessionEvent } from '../../src/protocol/index.ts'
import { activity, call, custom, event, reasoning, result, runFinished, runStarted, snapshot, text, user } from './log.ts'

const runId = fc.constantFrom('r1', 'r2', 'r3', 'r4', 'r5', 'r6')
const messageId = fc.constantFrom('m1', 'm2', 'm3')
const toolId = fc.constantFrom('t1', 't2', 't3')
const userId = fc.constantFrom('u1', 'u2', 'u3', 'u4')
const activityId = fc.constantFrom('p1', 'p2')
const interruptId = fc.constantFrom('i1', 'i2')
const words = fc.constantFrom('', 'a', 'bc', 'd😀', '{"x":', '1}')
const small = fc.oneof(fc.integer(), fc.constantFrom('x', null, true), fc.record({ id: fc.constantFrom('d1', 'd2'), n: fc.nat(3) }))

/** What any event may carry besides its own fields. */
const marks = fc.record(
  {
    timestamp: fc.nat(1000),
    subagentRunId: fc.constantFrom('s1', 's2'),
    metadata: fc.dictionary(fc.constantFrom('a', 'b'), fc.nat(3)),
  },
  { requiredKeys: [] },
)
const pointer = fc.constantFrom('', '/a', '/a/b', '/a/-', '/a/0', '/b')
const operation = fc.record({
  op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test'),
  path: pointer,
  from: pointer,
  value: small,
})
const patch = fc.array(operation, { maxLength: 3 })

const toolCall = fc
  .record({ id: toolId, name: words, args: words })
  .map(({ id, name, args }) => ({ id, type: 'function', function: { name, arguments: args } }))
const message = fc.oneof(
  fc.tuple(userId, words).map(([id, content]) => user(id, content)),
  fc
    .tuple(messageId, words, fc.array(toolCall, { maxLength: 2 }))
    .map(([id, content, toolCalls]) => ({ id, role: 'assistant', content, toolCalls })),
  fc.tuple(messageId, words).map(([id, content]) => ({ id, role: 'reasoning', content })),
  fc.tuple(toolId, words).map(([toolCallId, content]) => ({ id: `${toolCallId}-result`, role: 'tool', toolCallId, content })),
  activityId.map((id) => ({ id, role: 'activity', activityType: 'PLAN', content: { id } })),
  userId.map((id) => ({ id, role: 'system', content: id })),
)
const messages = fc.array(message, { maxLength: 5 })

const outcome = fc.oneof(
  fc.constantFrom(undefined, { type: 'success' }, { type: 'cancelled' }),
  fc.array(interruptId, { maxLength: 2 }).map((ids) => ({ type: 'interrupt', interrupts: ids.map((id) => ({ id, reason: 'input' })) })),
  fc.array(toolId, { maxLength: 2 }).map((pendingToolCallIds) => ({ type: 'success', pendingToolCallIds })),
)

const own = (name: string, value: fc.Arbitrary<unknown>) => value.map((it) => custom(`throughline/${name}`, it))
const by = fc.constantFrom('ann', 'bob')

/** One event that means something by itself. */
const single: fc.Arbitrary<SessionEvent> = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(messageId, marks).map(([id, more]) => event('TEXT_MESSAGE_START', { messageId: id, ...more })) },
  { weight: 12, arbitrary: fc.tuple(messageId, words).map(([id, delta]) => event('TEXT_MESSAGE_CONTENT', { messageId: id, delta })) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(messageId, words, marks)
      .map(([id, delta, more]) => event('TEXT_MESSAGE_CONTENT', { messageId: id, delta, ...more })),
  },
  { weight: 3, arbitrary: fc.tuple(messageId, marks).map(([id, more]) => event('TEXT_MESSAGE_END', { messageId: id, ...more })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(messageId, fc.constantFrom('user', 'system'))
      .map(([id, role]) => event('TEXT_MESSAGE_START', { messageId: id, role })),
  },
  { weight: 2, arbitrary: fc.tuple(messageId, marks).map(([id, more]) => event('REASONING_MESSAGE_START', { messageId: id, ...more })) },
  { weight: 6, arbitrary: fc.tuple(messageId, words).map(([id, delta]) => event('REASONING_MESSAGE_CONTENT', { messageId: id, delta })) },
  { weight: 2, arbitrary: messageId.map((id) => event('REASONING_MESSAGE_END', { messageId: id })) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(toolId, words, marks)
      .map(([id, name, more]) => event('TOOL_CALL_START', { toolCallId: id, toolCallName: name, ...more })),
  },
  { weight: 6, arbitrary: fc.tuple(toolId, words).map(([id, delta]) => event('TOOL_CALL_ARGS', { toolCallId: id, delta })) },
  { weight: 2, arbitrary: toolId.map((id) => event('TOOL_CALL_END', { toolCallId: id })) },
  { weight: 2, arbitrary: fc.tuple(toolId, words, marks).map(([id, content, more]) => result(id, content, more)) },
  { weight: 1, arbitrary: small.map((it) => event('STATE_SNAPSHOT', { snapshot: it })) },
  { weight: 2, arbitrary: patch.map((delta) => event('STATE_DELTA', { delta })) },
  {
    weight: 1,
    arbitrary: fc.tuple(activityId, small, fc.boolean(), marks).map(([id, a, replace, more]) => activity(id, { a }, { replace, ...more })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(activityId, patch).map(([id, it]) => event('ACTIVITY_DELTA', { messageId: id, activityType: 'LIST', patch: it })),
  },
  { weight: 1, arbitrary: messages.map((list) => snapshot(list)) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom('step1', 'step2'), marks).map(([stepName, more]) => event('STEP_STARTED', { stepName, ...more })),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.constantFrom('step1', 'step2'), marks).map(([stepName, more]) => event('STEP_FINISHED', { stepName, ...more })),
  },
  { weight: 1, arbitrary: fc.constantFrom('s1', 's2').map((id) => event('SUBAGENT_STARTED', { subagentRunId: id, name: id })) },
  { weight: 1, arbitrary: fc.constantFrom('s1', 's2').map((id) => event('SUBAGENT_FINISHED', { subagentRunId: id })) },
  { weight: 1, arbitrary: fc.constantFrom('s1', 's2').map((id) => event('SUBAGENT_ERROR', { subagentRunId: id, message: 'x' })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom('message', 'tool-call'), fc.oneof(messageId, toolId, userId))
      .map(([subtype, entityId]) => event('REASONING_ENCRYPTED_VALUE', { subtype, entityId, encryptedValue: 'x' })),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom('app/a', 'app/b', '7', '__proto__'), small).map(([name, value]) => custom(name, value)),
  },
  { weight: 1, arbitrary: own('queued', fc.record({ message: userId.map((id) => user(id)), by, first: fc.constantFrom(true, false) })) },
  { weight: 1, arbitrary: own('unqueued', fc.record({ message: userId })) },
  { weight: 1, arbitrary: own('stopping', fc.record({ run: runId, by })) },
  { weight: 1, arbitrary: own('answered', fc.record({ interrupt: interruptId, status: fc.constantFrom('resolved', 'cancelled'), by })) },
  {
    weight: 1,
    arbitrary: own(
      'answered',
      fc
        .tuple(toolId, by)
        .map(([toolCallId, it]) => ({ toolCallId, by: it, message: { id: 'a', role: 'tool', toolCallId, content: 'yes' } })),
    ),
  },
  { weight: 1, arbitrary: own('rewound', fc.record({ from: fc.oneof(userId, runId, messageId) })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(event('RAW', { event: 1 }), event('HOLOGRAM'), event('TEXT_MESSAGE_CHUNK', { messageId: 'm1', delta: 'x' })),
  },
)

/** Events that belong together. */
const block: fc.Arbitrary<readonly SessionEvent[]> = fc.oneof(
  { weight: 8, arbitrary: fc.array(single, { minLength: 1, maxLength: 6 }) },
  { weight: 3, arbitrary: fc.tuple(runId, messages, marks).map(([id, list, more]) => [runStarted(id, list, more)]) },
  { weight: 2, arbitrary: fc.tuple(runId, outcome, marks).map(([id, it, more]) => [runFinished(id, it, more)]) },
  { weight: 1, arbitrary: marks.map((more) => [event('RUN_ERROR', { message: 'broken', code: 'agent_error', ...more })]) },
  { weight: 2, arbitrary: fc.tuple(messageId, fc.array(words)).map(([id, deltas]) => text(id, ...deltas)) },
  { weight: 1, arbitrary: fc.tuple(messageId, fc.array(words)).map(([id, deltas]) => reasoning(id, ...deltas)) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(toolId, words, fc.option(messageId, { nil: undefined }))
      .map(([id, args, parent]) => [...call(id, args, parent === undefined ? {} : { parentMessageId: parent }), result(id)]),
  },
)

/** Any log, plausible and messy by turns: runs that begin and end, or not; parts that interleave; ids that come again; events that have no place. */
export const anyLog: fc.Arbitrary<readonly SessionEvent[]> = fc
  .array(block, { maxLength: 24 })
  .map((blocks) => JSON.parse(JSON.stringify([runStarted('r0', [user('u0')]), ...blocks.flat()])) as SessionEvent[])

/** Where to cut a log, as fractions of its length. */
export const cuts: fc.Arbitrary<readonly number[]> = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 })

/** A log cut at those places. */
export function cutAt<T>(log: readonly T[], places: readonly number[]): readonly (readonly T[])[] {
  const ends = [...places.map((place) => Math.round(place * log.length)), log.length].toSorted((one, other) => one - other)
  return ends.map((end, index) => log.slice(ends[index - 1] ?? 0, end))
}

/** Deltas of a part that say nothing else are joined up to the next event that is no delta, as a server does for a viewer that fell behind. */
export function merge(log: readonly SessionEvent[]): readonly SessionEvent[] {
  const merged: SessionEvent[] = []
  let open = new Map<string, { delta: string }>()
  for (const it of log) {
    const { type, delta, ...rest } = it as unknown as { type: string; delta?: string } & Record<string, unknown>
    const { messageId: _message, toolCallId: _call, subagentRunId: _subagent, ...others } = rest
    const isPlain = /_CONTENT$|_ARGS$/.test(type) && Object.keys(others).length === 0
    const key = JSON.stringify([type, rest])
    const joined = open.get(key)
    if (!isPlain) open = new Map()
    if (isPlain && joined !== undefined) joined.delta += delta ?? ''
    else {
      const copy = { ...it } as SessionEvent & { delta: string }
      if (isPlain) open.set(key, copy)
      merged.push(copy)
    }
  }
  return merged
}
