import type { SessionEvent } from '@throughline/sdk/protocol'
import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { AgentRun } from '../../src/agent/contract.ts'
import type { ExecutionLimits } from '../../src/session/execution.ts'
import { turn } from '../manual-timers.ts'
import { executing, isTerminal, resolved, runsOf, verifierFault } from './executing.ts'

// AG-UI's enforcement warns of each unknown type that it drops.
process.env['SUPPRESS_TRANSFORMATION_WARNINGS'] = 'true'

const id = fc.constantFrom('a', 'b', 'question', 'taken', 'said')
const optional = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined, freq: 2 })
const subagentRunId = fc.option(fc.constantFrom('s1', 's2'), { nil: undefined, freq: 1 })
const text = fc.oneof(
  { weight: 8, arbitrary: fc.string({ maxLength: 6 }) },
  { weight: 1, arbitrary: fc.constantFrom('', 'long '.repeat(150)) },
)
const metadata = fc.oneof(
  { weight: 30, arbitrary: fc.constantFrom(undefined, undefined, undefined, { model: 'm' }) },
  { weight: 1, arbitrary: fc.constant({ long: 'x'.repeat(600) }) },
)

const event = <T extends SessionEvent['type']>(type: T, fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record({ type: fc.constant(type), subagentRunId, metadata, ...fields }).map(withoutUndefined)

const message = fc.oneof(
  fc.record({
    id,
    role: fc.constant('assistant'),
    content: text,
    subagentRunId,
    toolCalls: optional(fc.array(toolCall(), { maxLength: 2 })),
  }),
  fc.record({ id, role: fc.constant('reasoning'), content: text, subagentRunId }),
  fc.record({ id, role: fc.constant('tool'), content: text, toolCallId: id }),
  fc.record({ id, role: fc.constant('activity'), activityType: fc.constant('x'), content: fc.constant({}), subagentRunId }),
)

const saying = fc.oneof(
  event('TEXT_MESSAGE_START', { messageId: id, role: optional(fc.constant('assistant')) }),
  event('TEXT_MESSAGE_CONTENT', { messageId: id, delta: text }),
  event('TEXT_MESSAGE_END', { messageId: id }),
  event('TEXT_MESSAGE_CHUNK', { messageId: optional(id), delta: optional(text) }),
  event('REASONING_START', { messageId: id }),
  event('REASONING_MESSAGE_START', { messageId: id, role: fc.constant('reasoning') }),
  event('REASONING_MESSAGE_CONTENT', { messageId: id, delta: text }),
  event('REASONING_MESSAGE_END', { messageId: id }),
  event('REASONING_MESSAGE_CHUNK', { messageId: optional(id), delta: optional(text) }),
  event('REASONING_END', { messageId: id }),
  event('REASONING_ENCRYPTED_VALUE', { entityId: id, subtype: fc.constantFrom('message', 'tool-call'), encryptedValue: text }),
)

const doing = fc.oneof(
  event('TOOL_CALL_START', { toolCallId: id, toolCallName: fc.constant('look'), parentMessageId: optional(id) }),
  event('TOOL_CALL_ARGS', { toolCallId: id, delta: text }),
  event('TOOL_CALL_END', { toolCallId: id }),
  event('TOOL_CALL_CHUNK', { toolCallId: id, toolCallName: optional(fc.constant('look')), delta: optional(text) }),
  event('TOOL_CALL_RESULT', { toolCallId: id, messageId: id, content: text }),
  event('STEP_STARTED', { stepName: id }),
  event('STEP_FINISHED', { stepName: id }),
  event('SUBAGENT_STARTED', {
    subagentRunId: fc.constantFrom('s1', 's2'),
    name: fc.constant('sub'),
    parentSubagentRunId: optional(fc.constantFrom('s1', 's2', 's3')),
    parentMessageId: optional(id),
  }),
  event('SUBAGENT_FINISHED', { subagentRunId: fc.constantFrom('s1', 's2') }),
  event('SUBAGENT_ERROR', { subagentRunId: fc.constantFrom('s1', 's2'), message: text }),
)

const showing = fc.oneof(
  event('ACTIVITY_SNAPSHOT', { messageId: id, activityType: fc.constant('x'), content: fc.constant({}), replace: optional(fc.boolean()) }),
  event('ACTIVITY_DELTA', { messageId: id, activityType: fc.constant('x'), patch: fc.constant([]) }),
  event('MESSAGES_SNAPSHOT', { messages: fc.array(message.map(withoutUndefined), { maxLength: 4 }) }),
  event('STATE_SNAPSHOT', { snapshot: fc.constantFrom(null, { n: 1 }) }),
  event('STATE_DELTA', { delta: fc.constant([{ op: 'add', path: '/n', value: 2 }]) }),
  event('CUSTOM', { name: fc.constant('app/x'), value: fc.constant(null) }),
  event('RAW', { event: fc.constant({}) }),
  event('RUN_STARTED', { threadId: id, runId: id }),
  fc.record({ type: fc.constant('TYPE_OF_TOMORROW'), subagentRunId }).map(withoutUndefined),
)

/** One thing that an agent does. */
type Act = { readonly act: 'yield'; readonly value: unknown } | { readonly act: 'ask' | 'askAside' | 'pause' } | { readonly act: 'throw' }

const yields = fc
  .oneof({ weight: 5, arbitrary: saying }, { weight: 5, arbitrary: doing }, { weight: 2, arbitrary: showing })
  .map((value): Act => ({ act: 'yield', value }))
const waits = fc.constantFrom<Act>({ act: 'ask' }, { act: 'askAside' }, { act: 'pause' })
const ends = fc.oneof(
  fc.constant<Act>({ act: 'throw' }),
  fc
    .constantFrom<unknown>(
      { type: 'RUN_FINISHED', threadId: 'x', runId: 'y', outcome: { type: 'success', pendingToolCallIds: ['a'] } },
      { type: 'RUN_FINISHED', outcome: { type: 'interrupt', interrupts: [{ id: 'i', reason: 'input', toolCallId: 'a' }] } },
      { type: 'RUN_ERROR', message: 'no luck' },
      { type: 'TEXT_MESSAGE_START' },
      { type: 'TEXT_MESSAGE_CONTENT', messageId: null, delta: 'x' },
      { type: 'CUSTOM', name: 'throughline/queued', value: {} },
      { type: 7 },
      null,
    )
    .map((value): Act => ({ act: 'yield', value })),
)

const kindly = fc.array(fc.oneof({ weight: 12, arbitrary: yields }, { weight: 2, arbitrary: waits }), { maxLength: 40 })
const wildly = fc.array(fc.oneof({ weight: 20, arbitrary: yields }, { weight: 3, arbitrary: waits }, { weight: 1, arbitrary: ends }), {
  maxLength: 40,
})

describe('whatever an agent does', () => {
  test('the log of its runs is valid AG-UI with exactly one terminal event a run', async () => {
    await fc.assert(
      fc.asyncProperty(wildly, fc.option(fc.nat(30)), fc.boolean(), fc.boolean(), async (acts, stopAt, hangs, isTight) => {
        const limits = isTight ? { eventBytes: 500, heldBytes: 300, stateBytes: 100 } : {}
        const log = await perform(acts, { stopAt: stopAt ?? Infinity, hangs, limits })
        expect(verifierFault(log)).toBeUndefined()
        for (const run of runsOf(log)) {
          expect(run.filter(isTerminal)).toHaveLength(1)
          const [begin, end] = [run.at(0), run.at(-1)]
          expect(end).toSatisfy(isTerminal)
          if (begin?.type === 'RUN_STARTED' && end?.type === 'RUN_FINISHED') expect(end.runId).toBe(begin.runId)
        }
      }),
      { numRuns: 150 },
    )
  })

  test('nothing of what it says is lost, and its order is kept', async () => {
    await fc.assert(
      fc.asyncProperty(kindly, async (acts) => {
        const log = await perform(acts, { stopAt: Infinity, hangs: false, limits: {} })
        expect(log.at(-1)).toMatchObject({ type: 'RUN_FINISHED', outcome: { type: 'success' } })
        expect(deltas(log)).toEqual(deltas(acts.flatMap((one) => (one.act === 'yield' ? [one.value as SessionEvent] : []))))
      }),
      { numRuns: 100 },
    )
  })
})

interface Performance {
  readonly stopAt: number
  readonly hangs: boolean
  readonly limits: Partial<ExecutionLimits>
}

/** Performs acts as an agent, answers what it asks, stops it after so many events, and gives the whole log. */
async function perform(acts: readonly Act[], { stopAt, hangs, limits }: Performance): Promise<readonly SessionEvent[]> {
  const agent = async function* ({ ask }: AgentRun) {
    for (const one of acts) {
      if (one.act === 'yield') yield one.value
      else if (one.act === 'throw') throw new Error('no luck')
      else if (one.act === 'pause') await turn()
      else if (one.act === 'ask') await ask({ message: 'well?', toolCallId: 'a' })
      else void ask({ message: 'aside' })
    }
    if (hangs) await new Promise(() => {})
  }
  const executed = executing(agent, {
    said: [
      { id: 'said', role: 'assistant', content: '', toolCalls: [{ id: 'said', type: 'function', function: { name: 'x', arguments: '' } }] },
    ],
    taken: ['taken'],
    limits,
    onEmit: (log) => {
      if (log.length > stopAt && !executed.execution.isSuspended()) executed.execution.stop()
    },
  })
  const { execution, log, fates } = executed
  for (let turns = 0; fates.at(-1) !== 'ended' && turns < 500; turns += 1) {
    await executed.settle()
    if (execution.isSuspended())
      await executed.answer(turns % 3 === 0 ? (asked) => ({ interruptId: asked.id, status: 'cancelled' }) : resolved)
    if (hangs && turns > 12) execution.stop()
    if (hangs && turns > 14) await executed.timers.advance(10_000)
  }
  expect(fates.at(-1)).toBe('ended')
  return log
}

/** The texts said, in order. Arguments are left out: those that come after the end of their call belong to nothing. */
function deltas(events: readonly SessionEvent[]): string[] {
  return events.flatMap((one) => {
    switch (one.type) {
      case 'TEXT_MESSAGE_CONTENT':
      case 'TEXT_MESSAGE_CHUNK':
        return one.delta ? [`text ${one.delta}`] : []
      case 'REASONING_MESSAGE_CONTENT':
      case 'REASONING_MESSAGE_CHUNK':
        return one.delta ? [`reasoning ${one.delta}`] : []
      default:
        return []
    }
  })
}

function toolCall() {
  return fc.record({ id, type: fc.constant('function'), function: fc.constant({ name: 'look', arguments: '{}' }) })
}

function withoutUndefined<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== undefined)) as T
}
