import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AgentRun } from '../../src/agent/contract.ts'
import { encodedBytes } from '../../src/session/execution/fit-event.ts'
import { manualTimers, turn, type ManualTimers } from '../manual-timers.ts'
import { executed, executing, silent, timeless, yielding } from './executing.ts'
import { gate } from './gate.ts'

const START = { type: 'TEXT_MESSAGE_START', messageId: 'm', role: 'assistant' }
const END = { type: 'TEXT_MESSAGE_END', messageId: 'm' }
const say = (delta: string) => ({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta })
const success = (more: object = {}) => ({
  type: 'RUN_FINISHED',
  threadId: 'session',
  runId: 'run-1',
  outcome: { type: 'success' },
  ...more,
})
const error = (message: unknown, code = 'agent_error') => ({ type: 'RUN_ERROR', code, message })

const unhandled = vi.fn<(reason: unknown) => void>()
beforeEach(() => void process.on('unhandledRejection', unhandled))
afterEach(async () => {
  await turn()
  process.off('unhandledRejection', unhandled)
  expect(unhandled).not.toHaveBeenCalled()
})

describe('an agent', () => {
  test('is called in a later turn than the one that starts it, so that its session has hold of it', async () => {
    let isCalled = false
    const { execution } = executing(
      silent(async () => {
        isCalled = true
      }),
    )
    expect(isCalled).toBe(false)
    await execution.returned
    expect(isCalled).toBe(true)
  })

  test('is given the conversation, what the sender gave beside it, the state, and why it is called anew', async () => {
    const resume = { kind: 'interrupted', run: 'run-0' } as const
    let given: AgentRun | undefined
    const { execution } = executing(
      silent(async (run) => {
        given = run
      }),
      { said: [{ id: 'before', role: 'assistant', content: 'hm' }], state: { n: 1 }, resume },
    )
    await execution.returned
    expect(given).toMatchObject({ sessionId: 'session', runId: 'run-1', input: { tools: [], context: [] }, state: { n: 1 }, resume })
    expect(given?.messages.map(({ id }) => id)).toEqual(['before', 'question'])
    expect(given?.signal.aborted).toBe(false)
  })

  test('that returns has succeeded', async () => {
    expect(timeless(await executed([START, say('a'), END]))).toEqual([START, say('a'), END, success()])
  })

  test('that leaves things open has them closed before the end', async () => {
    expect(timeless(await executed([START, say('a')]))).toEqual([START, say('a'), END, success()])
  })

  test('that throws has failed, with what it had said', async () => {
    const { execution, run } = executing(async function* () {
      yield* [START, say('a')]
      throw new Error('no luck')
    })
    await execution.returned
    expect(timeless(run(1))).toEqual([START, say('a'), END, error('no luck')])
  })

  test.each<[string, unknown, string]>([
    ['a text', 'no luck', 'no luck'],
    ['nothing', undefined, 'undefined'],
    ['an error without a message', new TypeError(), 'TypeError'],
    ['an empty text', '', 'the agent failed without a message'],
    ['what cannot be read', { toString: null }, 'the agent threw something that cannot be read'],
  ])('may throw %s', async (_, thrown, message) => {
    const { execution, run } = executing(
      silent(async () => {
        throw thrown
      }),
    )
    await execution.returned
    expect(timeless(run(1))).toEqual([error(message)])
  })

  test('that throws before it begins has failed alike', async () => {
    const { execution, run } = executing(() => {
      throw new Error('not configured')
    })
    await execution.returned
    expect(timeless(run(1))).toEqual([error('not configured')])
  })

  test('that is no generator is told so', async () => {
    const { execution, run } = executing((() => [START]) as never)
    await execution.returned
    expect(timeless(run(1))).toEqual([error('the agent function returned no async iterable')])
  })

  test('that fails with a very long message has it cut', async () => {
    const { execution, run } = executing(
      silent(async () => {
        throw new Error('x'.repeat(100_000))
      }),
    )
    await execution.returned
    expect(run(1)).toEqual([expect.objectContaining({ message: 'x'.repeat(8 * 1024) })])
  })
})

describe('the end that an agent gives its run', () => {
  test('is adopted: outcome, result, usage and metadata', async () => {
    const end = {
      outcome: { type: 'success', pendingToolCallIds: ['t'] },
      result: { n: 1 },
      usage: [{ inputTokens: 1 }],
      metadata: { a: 1 },
    }
    expect(timeless(await executed([{ type: 'RUN_FINISHED', threadId: 'its', runId: 'own', ...end }]))).toEqual([success(end)])
  })

  test('names tool calls as the journal does', async () => {
    const call = { type: 'TOOL_CALL_START', toolCallId: 't', toolCallName: 'look' }
    const ended = { type: 'TOOL_CALL_END', toolCallId: 't' }
    const interrupts = [{ id: 'i', reason: 'approval', toolCallId: 't' }]
    const interrupted = await executed([call, ended, call, ended, { type: 'RUN_FINISHED', outcome: { type: 'interrupt', interrupts } }])
    expect(interrupted.at(-1)).toMatchObject({ outcome: { interrupts: [{ id: 'i', toolCallId: 'fresh-1' }] } })
    const pending = await executed([call, ended, call, { type: 'RUN_FINISHED', outcome: { type: 'success', pendingToolCallIds: ['t'] } }])
    expect(pending.at(-1)).toMatchObject({ outcome: { pendingToolCallIds: ['fresh-1'] } })
  })

  test('is success where it says no outcome', async () => {
    expect(timeless(await executed([{ type: 'RUN_FINISHED', outcome: null }]))).toEqual([success()])
  })

  test('is the end of the execution where it is an interrupt: the agent is called anew with the answers', async () => {
    const outcome = { type: 'interrupt', interrupts: [{ id: 'i', reason: 'input' }] }
    const { execution, run, fates } = executing(yielding([{ type: 'RUN_FINISHED', outcome }]))
    await execution.returned
    expect(timeless(run(1))).toEqual([success({ outcome })])
    expect(fates).toEqual(['ended'])
    expect(execution.isSuspended()).toBe(false)
  })

  test('is adopted where it is an error', async () => {
    expect(timeless(await executed([{ type: 'RUN_ERROR', message: 'no luck' }]))).toEqual([error('no luck')])
    expect(timeless(await executed([{ type: 'RUN_ERROR', message: 'no luck', code: 'rate_limit' }]))).toEqual([
      error('no luck', 'rate_limit'),
    ])
  })

  test('is the only one: what follows is dropped, and the generator is closed', async () => {
    let isClosed = false
    const { execution, run, fates } = executing(async function* () {
      try {
        yield* [START, { type: 'RUN_FINISHED' }, say('late'), { type: 'RUN_ERROR', message: 'late' }]
        throw new Error('late')
      } finally {
        isClosed = true
      }
    })
    await execution.returned
    expect(timeless(run(1))).toEqual([START, END, success()])
    expect(fates).toEqual(['ended'])
    expect(isClosed).toBe(true)
  })

  test('stands also where the generator fails to close', async () => {
    const { execution, run } = executing(async function* () {
      try {
        yield { type: 'RUN_FINISHED' }
      } finally {
        // oxlint-disable-next-line no-unsafe-finally
        throw new Error('no clean-up')
      }
    })
    await execution.returned
    expect(timeless(run(1))).toEqual([success()])
  })

  test('is an error where it is too large to be kept', async () => {
    const end = await executed([{ type: 'RUN_FINISHED', result: 'x'.repeat(300 * 1024) }])
    expect(end).toEqual([expect.objectContaining({ type: 'RUN_ERROR', code: 'limit' })])
  })
})

describe('what reaches the journal', () => {
  test('has the time of the host, except deltas, which have neither time nor payload so that they can be merged', async () => {
    const timers = manualTimers(5_000)
    const chunk = { type: 'TEXT_MESSAGE_CHUNK', messageId: 'c', delta: 'b', rawEvent: {} }
    const events = await executed([{ ...START, timestamp: 1 }, { ...say('a'), timestamp: 1, rawEvent: {} }, END, chunk], { timers })
    expect(events.map(({ timestamp }) => timestamp)).toEqual([5_000, undefined, 5_000, 5_000, undefined, 5_000, 5_000])
    expect(events.filter(({ type }) => type === 'TEXT_MESSAGE_CONTENT').map((event) => Object.keys(event))).toEqual([
      ['type', 'messageId', 'delta'],
      ['type', 'messageId', 'delta'],
    ])
  })

  test('has no chunks, no RUN_STARTED of the agent and no empty deltas; one that carries metadata is kept', async () => {
    const described = { ...say(''), metadata: { finish: 'stop' } }
    const chunk = { type: 'TEXT_MESSAGE_CHUNK', messageId: 'm', delta: 'a' }
    expect(timeless(await executed([{ type: 'RUN_STARTED' }, chunk, say(''), described]))).toEqual([
      START,
      say('a'),
      described,
      END,
      success(),
    ])
  })

  test('keeps types that nobody knows', async () => {
    expect(timeless(await executed([{ type: 'TYPE_OF_TOMORROW', any: 1 }]))).toEqual([{ type: 'TYPE_OF_TOMORROW', any: 1 }, success()])
  })

  test('gives messages that reuse an id of an earlier run a fresh one', async () => {
    const events = await executed([START, say('a')], { taken: ['m'] })
    expect(events.slice(0, 3)).toMatchObject([{ messageId: 'fresh-1' }, { messageId: 'fresh-1' }, { messageId: 'fresh-1' }])
  })
})

describe('what is no AG-UI event', () => {
  test.each([[null], [7], [{}], [{ type: 'TEXT_MESSAGE_CONTENT' }], [{ type: 'CUSTOM', name: 'throughline/queued', value: {} }]])(
    'ends the run with an error that names the fault: %j',
    async (fault) => {
      const { execution, run, fates } = executing(yielding([START, say('a'), fault, say('b')]))
      await execution.returned
      expect(timeless(run(1))).toEqual([START, say('a'), END, error(expect.stringContaining('the agent yielded what is no AG-UI event: '))])
      expect(fates).toEqual(['ended'])
    },
  )

  test('aborts the signal, so that all that the agent does comes to an end', async () => {
    let signal: AbortSignal | undefined
    const { execution } = executing(async function* (run) {
      signal = run.signal
      yield null
    })
    await execution.returned
    expect(signal?.reason).toMatchObject({ name: 'RunAborted', code: 'agent_error' })
  })
})

describe('the limits of an execution', () => {
  test('split a delta that is too large', async () => {
    const events = await executed([START, say('x'.repeat(1_000)), END], { limits: { eventBytes: 400 } })
    const deltas = events.flatMap((event) => (event.type === 'TEXT_MESSAGE_CONTENT' ? [event.delta] : []))
    expect(deltas.length).toBeGreaterThan(2)
    expect(deltas.join('')).toBe('x'.repeat(1_000))
    for (const event of events) expect(encodedBytes(event)).toBeLessThanOrEqual(400)
  })

  test('cut and mark the result of a tool that is too large', async () => {
    const [result] = await executed([{ type: 'TOOL_CALL_RESULT', toolCallId: 't', messageId: 'r', content: 'x'.repeat(300 * 1024) }])
    expect(encodedBytes(result)).toBe(256 * 1024)
    expect(result?.metadata).toEqual({ throughline: { truncated: { bytes: 300 * 1024 } } })
  })

  test('end the run where anything else is too large', async () => {
    const events = await executed([START, { type: 'CUSTOM', name: 'x', value: 'x'.repeat(300 * 1024) }, say('b')])
    expect(timeless(events)).toEqual([START, END, error(expect.stringMatching(/^CUSTOM has \d+ bytes, more than the 262144 /), 'limit')])
  })

  test.each([
    { type: 'TEXT_MESSAGE_START', messageId: 'x' },
    { type: 'REASONING_START', messageId: 'x' },
    { type: 'REASONING_MESSAGE_START', messageId: 'x', role: 'reasoning' },
    { type: 'TOOL_CALL_START', toolCallId: 'x', toolCallName: 'look' },
    { type: 'STEP_STARTED', stepName: 'x' },
    { type: 'SUBAGENT_STARTED', subagentRunId: 'x', name: 'sub' },
  ])('close nothing that was too large to be opened: $type', async (opener) => {
    const events = await executed([START, { ...opener, metadata: { long: 'x'.repeat(400) } }], { limits: { eventBytes: 300 } })
    expect(timeless(events)).toEqual([START, END, error(expect.any(String), 'limit')])
  })

  test.each<[object, object, object?]>([
    [START, END],
    [
      { type: 'REASONING_START', messageId: 'x' },
      { type: 'REASONING_END', messageId: 'x' },
    ],
    [
      { type: 'REASONING_MESSAGE_START', messageId: 'x', role: 'reasoning' },
      { type: 'REASONING_MESSAGE_END', messageId: 'x' },
    ],
    [
      { type: 'TOOL_CALL_START', toolCallId: 'x', toolCallName: 'look' },
      { type: 'TOOL_CALL_END', toolCallId: 'x' },
    ],
    [
      { type: 'STEP_STARTED', stepName: 'x', subagentRunId: 's' },
      { type: 'STEP_FINISHED', stepName: 'x', subagentRunId: 's' },
    ],
    [
      { type: 'SUBAGENT_STARTED', subagentRunId: 'x', name: 'sub' },
      { type: 'SUBAGENT_FINISHED', subagentRunId: 'x' },
      { type: 'SUBAGENT_ERROR', subagentRunId: 'x', message: 'the run failed' },
    ],
  ])('close what an end that is too large leaves open: %o', async (opener, closer, kept = closer) => {
    const events = await executed([opener, { ...closer, metadata: { long: 'x'.repeat(400) } }], { limits: { eventBytes: 300 } })
    expect(timeless(events)).toEqual([opener, kept, error(expect.any(String), 'limit')])
  })

  test('end the run where the agent state becomes too large, by a snapshot or by a patch', async () => {
    const limits = { stateBytes: 100 }
    const tooLarge = error(expect.stringMatching(/^the agent state has \d+ bytes, more than the 100 /), 'limit')
    const snapshot = { type: 'STATE_SNAPSHOT', snapshot: 'x'.repeat(100) }
    const patch = { type: 'STATE_DELTA', delta: [{ op: 'add', path: '/a', value: 'x'.repeat(60) }] }
    expect(timeless(await executed([snapshot], { limits }))).toEqual([tooLarge])
    expect(timeless(await executed([patch], { limits }))).toEqual([patch, success()])
    expect(timeless(await executed([patch], { limits, state: { b: 'x'.repeat(60) } }))).toEqual([tooLarge])
  })

  test('end a run that takes too long, and abort it', async () => {
    let signal: AbortSignal | undefined
    const { timers, run, execution } = executing(
      async function* (given) {
        signal = given.signal
        yield START
        await new Promise((_, reject) => given.signal.addEventListener('abort', () => reject(new Error('aborted'))))
      },
      { limits: { runMs: 1_000 } },
    )
    await timers.advance(999)
    expect(timeless(run(1))).toEqual([START])
    await timers.advance(1)
    expect(timeless(run(1))).toEqual([START, END, error('the run took longer than 1000 ms', 'timeout')])
    expect(signal?.reason).toMatchObject({ name: 'RunAborted', code: 'timeout' })
    await execution.returned
  })

  test('leave no timer behind, however the run ends', async () => {
    for (const end of ['returned', 'stopped', 'timeout'] as const) {
      const clock = manualTimers()
      const set = new Set<unknown>()
      const timers: ManualTimers = {
        ...clock,
        setTimeout(callback, delayMs) {
          const timer = clock.setTimeout(() => {
            set.delete(timer)
            callback()
          }, delayMs)
          set.add(timer)
          return timer
        },
        clearTimeout(timer) {
          set.delete(timer)
          clock.clearTimeout(timer)
        },
      }
      const { execution } = executing(
        silent(async ({ ask, signal }) => {
          if (end !== 'returned') await new Promise((resolve) => signal.addEventListener('abort', resolve))
          void ask({})
        }),
        { timers, limits: { runMs: 1_000 } },
      )
      await turn()
      if (end === 'stopped') execution.stop()
      if (end === 'timeout') await timers.advance(1_000)
      await execution.returned
      expect(set.size).toBe(0)
    }
  })

  test('do not reach an execution that has ended', async () => {
    const { timers, run, execution } = executing(yielding([]), { limits: { runMs: 1_000 } })
    await execution.returned
    await timers.advance(5_000)
    expect(timeless(run(1))).toEqual([success()])
  })
})

describe('an agent is pulled', () => {
  test('only while there is room, and goes on when there is again', async () => {
    const room = gate()
    let isFull = false
    const { run, execution } = executing(yielding([START, say('a'), say('b')]), {
      room: () => (isFull ? room.opened : undefined),
      onEmit: (log) => {
        isFull = log.length === 2
      },
    })
    await vi.waitFor(() => expect(run(1)).toHaveLength(1))
    await turn()
    expect(run(1)).toHaveLength(1)
    isFull = false
    room.open()
    await execution.returned
    expect(timeless(run(1))).toEqual([START, say('a'), say('b'), END, success()])
  })

  test('also where the journal fails to make room', async () => {
    let isFull = true
    const { run, execution } = executing(yielding([]), {
      room: () => {
        if (!isFull) return undefined
        isFull = false
        return Promise.reject(new Error('full'))
      },
    })
    await execution.returned
    expect(timeless(run(1))).toEqual([success()])
  })

  test('in turns with everything else, also where it waits for nothing', async () => {
    const timers = manualTimers()
    let said = 0
    const { run, execution } = executing(
      async function* ({ signal }) {
        for (; said < 100_000 && !signal.aborted; said += 1) yield say('a')
      },
      {
        timers,
        onEmit: (log) => {
          if (log.length === 10) timers.setTimeout(() => execution.stop(), 0)
        },
      },
    )
    await turn()
    await timers.advance(0)
    await execution.returned
    expect(run(1).at(-1)).toMatchObject({ outcome: { type: 'cancelled' } })
    expect(said).toBeLessThan(2_000)
  })
})
