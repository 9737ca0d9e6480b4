import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AgentRun } from '../../src/agent/contract.ts'
import { turn } from '../manual-timers.ts'
import { executing, silent, timeless } from './executing.ts'
import { gate } from './gate.ts'

const START = { type: 'TEXT_MESSAGE_START', messageId: 'm', role: 'assistant' }
const END = { type: 'TEXT_MESSAGE_END', messageId: 'm' }
const say = (delta: string) => ({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta })
const CALL = { type: 'TOOL_CALL_START', toolCallId: 't', toolCallName: 'look' }
const CALLED = { type: 'TOOL_CALL_END', toolCallId: 't' }
const result = (toolCallId = 't') => ({ type: 'TOOL_CALL_RESULT', toolCallId, messageId: `of-${toolCallId}`, content: 'found' })
const cancelled = (more: object = {}) => ({
  type: 'RUN_FINISHED',
  threadId: 'session',
  runId: 'run-1',
  outcome: { type: 'cancelled' },
  ...more,
})

const unhandled = vi.fn<(reason: unknown) => void>()
beforeEach(() => void process.on('unhandledRejection', unhandled))
afterEach(async () => {
  await turn()
  process.off('unhandledRejection', unhandled)
  expect(unhandled).not.toHaveBeenCalled()
})

/** Rejects as soon as the run is stopped, as what an agent waits for does. */
function stopped({ signal }: AgentRun): Promise<never> {
  return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)))
}

/** Settles as soon as the run is stopped. */
function heard(run: AgentRun): Promise<void> {
  return stopped(run).catch(() => {})
}

describe('a stop', () => {
  test('aborts the signal at once, with an error that says so', async () => {
    let signal: AbortSignal | undefined
    const { execution, settle } = executing(
      silent(async (run) => {
        signal = run.signal
        await stopped(run)
      }),
    )
    await settle()
    execution.stop()
    expect(signal?.reason).toBeInstanceOf(Error)
    expect(signal?.reason).toMatchObject({ name: 'RunAborted', code: 'stopped' })
    await execution.returned
  })

  test.each<[string, readonly object[], readonly object[]]>([
    ['nothing yet', [], []],
    ['text', [START, say('a')], [START, say('a'), END]],
    ['a tool call', [CALL], [CALL, CALLED]],
    ['text and a tool', [START, say('a'), END, CALL, CALLED, result()], [START, say('a'), END, CALL, CALLED, result()]],
  ])('keeps what was said: %s', async (_, said, kept) => {
    const { execution, run, settle } = executing(async function* (given) {
      yield* said
      await stopped(given)
    })
    await settle()
    execution.stop()
    await execution.returned
    expect(timeless(run(1))).toEqual([...kept, cancelled()])
  })

  test('comes before the agent is called: then it never is', async () => {
    let isCalled = false
    const { execution, run } = executing(
      silent(async () => {
        isCalled = true
      }),
    )
    execution.stop()
    await execution.returned
    expect(timeless(run(1))).toEqual([cancelled()])
    expect(isCalled).toBe(false)
  })

  test('is heard while the agent starts up', async () => {
    const { execution, run, settle } = executing(async function* (given) {
      await stopped(given)
      yield START
    })
    await settle()
    execution.stop()
    await execution.returned
    expect(timeless(run(1))).toEqual([cancelled()])
  })

  test('ends the run cancelled however the agent then ends: by returning, throwing, or a word of its own', async () => {
    const usage = [{ inputTokens: 7 }]
    const ends: [(run: AgentRun) => AsyncGenerator, object][] = [
      [silent(async () => {}), cancelled()],
      [
        silent(async () => {
          throw new Error('aborted')
        }),
        cancelled(),
      ],
      [
        async function* () {
          yield { type: 'RUN_FINISHED', result: 1, usage }
        },
        cancelled({ usage }),
      ],
      [
        async function* () {
          yield { type: 'RUN_ERROR', message: 'aborted', usage }
        },
        cancelled({ usage }),
      ],
      [
        async function* () {
          yield null
        },
        cancelled(),
      ],
    ]
    for (const [end, terminal] of ends) {
      const { execution, run, settle } = executing(async function* (given) {
        await heard(given)
        yield* end(given)
      })
      await settle()
      execution.stop()
      await execution.returned
      expect(timeless(run(1))).toEqual([terminal])
    }
  })

  test('is idempotent, and measures its grace from the first', async () => {
    const { execution, run, timers } = executing(
      silent(async () => {
        await new Promise(() => {})
      }),
    )
    await timers.advance(0)
    execution.stop()
    await timers.advance(9_999)
    execution.stop()
    await timers.advance(1)
    expect(timeless(run(1))).toEqual([cancelled()])
    execution.stop()
    await timers.advance(20_000)
    expect(run(1)).toHaveLength(1)
  })

  test('changes nothing after the end', async () => {
    const { execution, run, timers, fates } = executing(async function* () {
      yield START
    })
    await execution.returned
    const before = timeless(run(1))
    execution.stop()
    await timers.advance(20_000)
    expect(timeless(run(1))).toEqual(before)
    expect(before.at(-1)).toMatchObject({ outcome: { type: 'success' } })
    expect(fates).toEqual(['ended'])
  })

  test('leaves an end that the agent wrote just before, though its generator has not returned', async () => {
    const closing = gate()
    const { execution, run, timers } = executing(async function* () {
      try {
        yield { type: 'RUN_FINISHED', result: 1 }
      } finally {
        await closing.opened
      }
    })
    await timers.advance(0)
    execution.stop()
    await timers.advance(20_000)
    expect(timeless(run(1))).toEqual([cancelled({ outcome: { type: 'success' }, result: 1 })])
    closing.open()
    await execution.returned
  })

  test('wins over the timeout of the run', async () => {
    const { execution, run, timers } = executing(
      silent(async () => {
        await new Promise(() => {})
      }),
      { limits: { runMs: 5_000 } },
    )
    await timers.advance(4_000)
    execution.stop()
    await timers.advance(9_999)
    expect(run(1)).toEqual([])
    await timers.advance(1)
    expect(timeless(run(1))).toEqual([cancelled()])
  })

  test('does not wait for room in the journal', async () => {
    const { execution, run, timers } = executing(
      async function* () {
        yield START
      },
      { room: () => new Promise(() => {}) },
    )
    await timers.advance(0)
    execution.stop()
    await timers.advance(10_000)
    expect(timeless(run(1))).toEqual([cancelled()])
    await execution.returned
  })
})

describe('after a stop', () => {
  test('what goes on or begins is dropped; what settles what was under way is kept', async () => {
    const before = [
      START,
      say('a'),
      CALL,
      CALLED,
      { type: 'SUBAGENT_STARTED', subagentRunId: 's', name: 'sub' },
      { type: 'STEP_STARTED', stepName: 'plan' },
    ]
    const kept = [
      result(),
      { type: 'SUBAGENT_FINISHED', subagentRunId: 's' },
      { type: 'STEP_FINISHED', stepName: 'plan' },
      { type: 'STATE_SNAPSHOT', snapshot: { n: 1 } },
      END,
    ]
    const dropped = [
      say('late'),
      { type: 'TEXT_MESSAGE_CHUNK', messageId: 'c', delta: 'late' },
      { type: 'TEXT_MESSAGE_START', messageId: 'n' },
      { type: 'REASONING_START', messageId: 'r' },
      { type: 'REASONING_MESSAGE_CONTENT', messageId: 'r', delta: 'late' },
      { ...CALL, toolCallId: 'u' },
      { type: 'TOOL_CALL_ARGS', toolCallId: 'u', delta: '{}' },
      result('u'),
      { type: 'STEP_STARTED', stepName: 'late' },
      { type: 'SUBAGENT_STARTED', subagentRunId: 'late', name: 'late' },
      { type: 'SUBAGENT_FINISHED', subagentRunId: 'late' },
      { type: 'MESSAGES_SNAPSHOT', messages: [{ id: 'x', role: 'assistant', content: 'late' }] },
    ]
    const { execution, run, settle } = executing(async function* (given) {
      yield* before
      await heard(given)
      yield* [...dropped, ...kept, ...dropped]
    })
    await settle()
    execution.stop()
    await execution.returned
    expect(timeless(run(1))).toEqual([...before, ...kept, cancelled()])
  })

  test('an agent that does not hear has its run ended, and what it says later is refused without a word to it', async () => {
    const later = gate()
    let isThrough = false
    const { execution, run, timers } = executing(async function* () {
      yield START
      await later.opened
      yield* [say('late'), { type: 'RUN_ERROR', message: 'late' }]
      isThrough = true
    })
    await timers.advance(0)
    execution.stop()
    await timers.advance(10_000)
    const ended = [START, END, cancelled()]
    expect(timeless(run(1))).toEqual(ended)
    later.open()
    await execution.returned
    expect(timeless(run(1))).toEqual(ended)
    expect(isThrough).toBe(false)
  })

  test('a question rejects with the reason of the signal', async () => {
    const reasons: unknown[] = []
    const { execution, run, settle } = executing(
      silent(async (given) => {
        await heard(given)
        await given.ask({ message: 'really?' }).catch((reason: unknown) => reasons.push(reason, given.signal.reason))
      }),
    )
    await settle()
    execution.stop()
    await execution.returned
    expect(reasons[0]).toBe(reasons[1])
    expect(reasons[0]).toMatchObject({ code: 'stopped' })
    expect(timeless(run(1))).toEqual([cancelled()])
  })

  test('a question of the same turn rejects, too, and is put to nobody', async () => {
    const { execution, run, fates, timers } = executing(
      silent(async (given) => {
        const answered = given.ask({ message: 'really?' })
        execution.stop()
        await answered
      }),
    )
    await timers.advance(0)
    await execution.returned
    expect(timeless(run(1))).toEqual([cancelled()])
    expect(fates).toEqual(['ended'])
  })
})
