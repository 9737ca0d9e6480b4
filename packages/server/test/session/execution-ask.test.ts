import type { Interrupt } from '@throughline/sdk/protocol'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { AgentRun, Answer, Question } from '../../src/agent/contract.ts'
import { encodedBytes } from '../../src/session/execution/fit-event.ts'
import { manualTimers, turn } from '../manual-timers.ts'
import { executing, resolved, silent, timeless, verifierFault } from './executing.ts'
import { gate } from './gate.ts'

const START = { type: 'TEXT_MESSAGE_START', messageId: 'm', role: 'assistant' }
const END = { type: 'TEXT_MESSAGE_END', messageId: 'm' }
const say = (delta: string) => ({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'm', delta })
const note = (value: unknown) => ({ type: 'CUSTOM', name: 'note', value })
const finished = (run: number, type: string, more: object = {}) => ({
  type: 'RUN_FINISHED',
  threadId: 'session',
  runId: `run-${run}`,
  outcome: { type, ...more },
})
const asking = (run: number, ...messages: readonly string[]) =>
  finished(run, 'interrupt', { interrupts: messages.map((message) => ({ id: expect.any(String) as string, reason: 'input', message })) })

const unhandled = vi.fn<(reason: unknown) => void>()
beforeEach(() => void process.on('unhandledRejection', unhandled))
afterEach(async () => {
  await turn()
  process.off('unhandledRejection', unhandled)
  expect(unhandled).not.toHaveBeenCalled()
})

async function next(branch: AsyncGenerator) {
  return { branch, step: await branch.next() }
}

/** What several agents say, each as soon as it says it: how branches that work in parallel reach one generator. */
async function* merged(...branches: readonly AsyncGenerator[]): AsyncGenerator {
  const waiting = new Map(branches.map((branch) => [branch, next(branch)]))
  while (waiting.size > 0) {
    const { branch, step } = await Promise.race(waiting.values())
    if (step.done === true) waiting.delete(branch)
    else {
      waiting.set(branch, next(branch))
      yield step.value
    }
  }
}

describe('a question', () => {
  test('ends the run with an interrupt, but not the execution, which goes on with the answer', async () => {
    const { execution, run, fates, settle, answer, log } = executing(async function* ({ ask }) {
      yield note('before')
      yield note(await ask({ message: 'Rome?' }))
    })
    await settle()
    expect(timeless(run(1))).toEqual([note('before'), asking(1, 'Rome?')])
    expect(fates).toEqual(['suspended'])
    expect(execution.isSuspended()).toBe(true)
    await answer()
    await execution.returned
    expect(timeless(run(2))).toEqual([note({ status: 'resolved', by: 'bob', payload: 're: Rome?' }), finished(2, 'success')])
    expect(fates).toEqual(['suspended', 'ended'])
    expect(execution.isSuspended()).toBe(false)
    expect(verifierFault(log)).toBeUndefined()
  })

  test('is put to a person with all that it says', async () => {
    const timers = manualTimers(0)
    const question: Question = {
      reason: 'approval',
      message: 'Delete?',
      toolCallId: 't',
      responseSchema: { type: 'boolean' },
      expiresMs: 60_000,
      metadata: { a: 1 },
    }
    const { run, settle } = executing(
      silent(async ({ ask }) => {
        await ask(question)
      }),
      { timers },
    )
    await settle()
    const { expiresMs: _, ...put } = question
    expect(run(1)[0]).toMatchObject({
      outcome: { interrupts: [{ ...put, id: expect.any(String) as string, expiresAt: '1970-01-01T00:01:00.000Z' }] },
    })
  })

  test('names its tool call as the journal does', async () => {
    const call = [
      { type: 'TOOL_CALL_START', toolCallId: '0', toolCallName: 'look' },
      { type: 'TOOL_CALL_END', toolCallId: '0' },
    ]
    const { run, settle } = executing(async function* ({ ask }) {
      yield* [...call, ...call]
      await ask({ toolCallId: '0' })
    })
    await settle()
    expect(run(1).at(-1)).toMatchObject({ outcome: { interrupts: [{ toolCallId: 'fresh-1' }] } })
  })

  test('that is no JSON rejects', async () => {
    const { run, execution, settle } = executing(
      silent(async ({ ask }) => {
        await ask({ metadata: { n: 1n } })
      }),
    )
    await settle()
    await execution.returned
    expect(run(1)).toMatchObject([{ type: 'RUN_ERROR', code: 'agent_error' }])
  })

  test('that is too large for an event ends the run', async () => {
    const { run, execution, fates, settle } = executing(
      silent(async ({ ask }) => {
        await ask({ message: 'x'.repeat(300 * 1024) })
      }),
    )
    await settle()
    await execution.returned
    expect(run(1)).toMatchObject([{ type: 'RUN_ERROR', code: 'limit' }])
    expect(fates).toEqual(['ended'])
  })

  test('of the same turn as others is put together with them; each gets its own answer', async () => {
    const { run, settle, answer } = executing(async function* ({ ask }) {
      const later = (async () => {
        await Promise.resolve()
        return ask({ message: 'three?' })
      })()
      yield note(await Promise.all([ask({ message: 'one?' }), ask({ message: 'two?' }), later]))
    })
    await settle()
    expect(timeless(run(1))).toEqual([asking(1, 'one?', 'two?', 'three?')])
    await answer(({ id, message }) =>
      message === 'two?' ? { interruptId: id, status: 'cancelled' } : { interruptId: id, status: 'resolved', payload: message },
    )
    expect(timeless(run(2))[0]).toEqual(
      note([{ status: 'resolved', payload: 'one?', by: '' }, { status: 'cancelled' }, { status: 'resolved', payload: 'three?', by: '' }]),
    )
  })

  test('without an entry among the answers is cancelled', async () => {
    const answers: Answer[] = []
    const { execution, settle } = executing(
      silent(async ({ ask }) => {
        answers.push(await ask({}))
      }),
    )
    await settle()
    execution.resume('run-2', [])
    await execution.returned
    expect(answers).toEqual([{ status: 'cancelled' }])
  })

  test('may be asked again and again', async () => {
    const { execution, fates, settle, answer, log } = executing(
      silent(async ({ ask }) => {
        for (let n = 0; n < 3; n += 1) await ask({ message: `${n}?` })
      }),
    )
    await settle()
    await answer()
    await answer()
    await answer()
    await execution.returned
    expect(fates).toEqual(['suspended', 'suspended', 'suspended', 'ended'])
    expect(verifierFault(log)).toBeUndefined()
  })

  test('that nobody waits for brings nothing down', async () => {
    const { execution, run, settle } = executing(async function* ({ ask }) {
      void ask({ message: 'hm?' })
      yield note(1)
    })
    await settle()
    await execution.returned
    expect(timeless(run(1))).toEqual([note(1), finished(1, 'success')])
  })

  test('after the end of the execution rejects', async () => {
    let late: (() => Promise<Answer>) | undefined
    const { execution, run } = executing(
      silent(async ({ ask }) => {
        late = () => ask({})
      }),
    )
    await execution.returned
    await expect(late?.()).rejects.toMatchObject({ name: 'RunAborted', code: 'ended' })
    expect(run(1)).toHaveLength(1)
  })
})

describe('what is open when a question is asked', () => {
  test('is closed, and goes on in the next run: text under a fresh id, steps and subagents by name and id', async () => {
    const step = { type: 'STEP_STARTED', stepName: 'plan' }
    const subagent = { type: 'SUBAGENT_STARTED', subagentRunId: 's', name: 'sub' }
    const { run, settle, answer, log } = executing(async function* ({ ask }) {
      yield* [step, subagent, START, say('a')]
      await ask({ message: 'well?' })
      yield* [say('b'), END]
    })
    await settle()
    expect(timeless(run(1)).slice(4)).toEqual([
      END,
      { type: 'STEP_FINISHED', stepName: 'plan' },
      { type: 'SUBAGENT_FINISHED', subagentRunId: 's', outcome: { type: 'suspended' } },
      asking(1, 'well?'),
    ])
    await answer()
    const messageId = expect.stringMatching(/^fresh-/) as string
    expect(timeless(run(2)).slice(0, 5)).toEqual([
      step,
      subagent,
      { ...START, messageId },
      { ...say('b'), messageId },
      { ...END, messageId },
    ])
    expect(verifierFault(log)).toBeUndefined()
  })

  test('is not closed where it could not be opened again', async () => {
    const eventBytes = 400
    const span = { type: 'REASONING_START', messageId: 'r', metadata: { long: '' } }
    // Fits under its own id just so, and not under a fresh one, which is longer.
    const room = eventBytes - encodedBytes({ ...span, timestamp: Date.now() })
    const { run, log, settle, answer } = executing(
      async function* ({ ask }) {
        yield* [
          { ...span, metadata: { long: 'x'.repeat(room) } },
          { type: 'REASONING_MESSAGE_START', messageId: 'r', role: 'reasoning' },
        ]
        await ask({})
        yield { type: 'REASONING_MESSAGE_CONTENT', messageId: 'r', delta: 'hm' }
      },
      { limits: { eventBytes } },
    )
    await settle()
    await answer()
    expect(run(2)).toMatchObject([{ type: 'RUN_ERROR', code: 'limit' }])
    expect(verifierFault(log)).toBeUndefined()
  })

  test('is left alone where it is a tool call without its result', async () => {
    const result = { type: 'TOOL_CALL_RESULT', toolCallId: 't', messageId: 'r', content: 'done' }
    const { run, settle, answer } = executing(async function* ({ ask }) {
      yield { type: 'TOOL_CALL_START', toolCallId: 't', toolCallName: 'delete' }
      await ask({ message: 'sure?', toolCallId: 't' })
      yield* [{ type: 'TOOL_CALL_ARGS', toolCallId: 't', delta: 'late' }, { type: 'TOOL_CALL_END', toolCallId: 't' }, result]
    })
    await settle()
    expect(timeless(run(1))[1]).toEqual({ type: 'TOOL_CALL_END', toolCallId: 't' })
    await answer()
    expect(timeless(run(2))).toEqual([result, finished(2, 'success')])
  })
})

describe('while a person is asked', () => {
  test('what other branches say is held, and flows in the next run before what follows the answer', async () => {
    const later = gate()
    async function* talker() {
      yield* [START, say('a')]
      await later.opened
      yield* [say('b'), END]
    }
    const { run, log, settle, answer } = executing(async function* ({ ask }) {
      async function* asker() {
        yield note(await ask({ message: 'well?' }))
      }
      yield* merged(asker(), talker())
    })
    await settle()
    later.open()
    await settle()
    expect(timeless(run(1))).toEqual([START, say('a'), END, asking(1, 'well?')])
    await answer()
    expect(run(2).map(({ type }) => type)).toEqual([
      'TEXT_MESSAGE_START',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_END',
      'CUSTOM',
      'RUN_FINISHED',
    ])
    expect(verifierFault(log)).toBeUndefined()
  })

  test('what is held is kept as it was said', async () => {
    const later = gate()
    const { run, settle, answer } = executing(async function* ({ ask }) {
      const answered = ask({ message: 'well?' })
      await later.opened
      const value = { n: 1 }
      yield note(value)
      value.n = 2
      await answered
    })
    await settle()
    later.open()
    await settle()
    await answer()
    expect(timeless(run(2))[0]).toEqual(note({ n: 1 }))
  })

  test('what is held and cannot be kept ends the next run, and what was held after it is dropped', async () => {
    const later = gate()
    const { run, fates, execution, settle, answer } = executing(
      async function* ({ ask }) {
        const answered = ask({ message: 'well?' })
        await later.opened
        yield* [note(1), note('x'.repeat(400)), note(2)]
        await answered
      },
      { limits: { eventBytes: 300 } },
    )
    await settle()
    later.open()
    await settle()
    await answer()
    await execution.returned
    expect(run(2)).toMatchObject([note(1), { type: 'RUN_ERROR', code: 'limit' }])
    expect(fates).toEqual(['suspended', 'ended'])
  })

  test('no more than fits is held: then the agent is not pulled until the answer', async () => {
    const later = gate()
    let said = 0
    const { run, settle, answer, execution } = executing(
      async function* ({ ask }) {
        const answered = ask({ message: 'well?' })
        await later.opened
        while (said < 100) {
          said += 1
          yield note('x'.repeat(70))
        }
        await answered
      },
      { limits: { heldBytes: 1_000 } },
    )
    await settle()
    later.open()
    await settle()
    expect(execution.isSuspended()).toBe(true)
    expect(said).toBe(9)
    await answer()
    await execution.returned
    expect(run(2)).toHaveLength(101)
  })

  test('further questions wait, and are put after the answer, in a run of their own', async () => {
    const later = gate()
    const { run, fates, execution, settle, answer } = executing(async function* ({ ask }) {
      const first = ask({ message: 'one?' })
      await later.opened
      const second = ask({ message: 'two?' })
      yield note('meanwhile')
      yield note(await first)
      yield note(await second)
    })
    await settle()
    later.open()
    await settle()
    expect(timeless(run(1))).toEqual([asking(1, 'one?')])
    await answer()
    expect(timeless(run(2))).toEqual([note('meanwhile'), note(expect.objectContaining({ payload: 're: one?' })), asking(2, 'two?')])
    await answer()
    await execution.returned
    expect(timeless(run(3))[0]).toEqual(note(expect.objectContaining({ payload: 're: two?' })))
    expect(fates).toEqual(['suspended', 'suspended', 'ended'])
  })

  test.each<[string, (run: AgentRun) => AsyncGenerator, object]>([
    ['returns', silent(async () => {}), finished(2, 'success')],
    [
      'throws',
      silent(async () => {
        throw new Error('no luck')
      }),
      { type: 'RUN_ERROR', code: 'agent_error', message: 'no luck' },
    ],
    [
      'ends the run itself',
      async function* () {
        yield* [{ type: 'RUN_FINISHED', result: 1 }, note('late')]
      },
      { ...finished(2, 'success'), result: 1 },
    ],
    [
      'says what is no event',
      async function* () {
        yield* [null, note('late')]
      },
      { type: 'RUN_ERROR', code: 'agent_error', message: expect.stringContaining('no AG-UI event') as string },
    ],
  ])('an agent that %s has its end in the next run', async (_, end, terminal) => {
    const later = gate()
    const { run, fates, execution, settle, answer } = executing(async function* (given) {
      void given.ask({ message: 'well?' })
      await later.opened
      yield note('held')
      yield* end(given)
    })
    await settle()
    later.open()
    await settle()
    await execution.returned
    expect(execution.isSuspended()).toBe(true)
    await answer()
    expect(timeless(run(2))).toEqual([note('held'), terminal])
    expect(fates).toEqual(['suspended', 'ended'])
  })

  test('the time of the run stands still', async () => {
    const { timers, run, settle, answer } = executing(
      silent(async ({ ask }) => {
        await ask({ message: 'well?' })
        await new Promise(() => {})
      }),
      { limits: { runMs: 1_000 } },
    )
    await settle()
    await timers.advance(100_000)
    await answer()
    await timers.advance(999)
    expect(run(2)).toEqual([])
    await timers.advance(1)
    expect(run(2)).toMatchObject([{ type: 'RUN_ERROR', code: 'timeout' }])
  })
})

describe('an execution that is given up while it waits', () => {
  test.each(['abandon', 'stop'] as const)('by %s rejects its questions and writes nothing more', async (give) => {
    const later = gate()
    const reasons: unknown[] = []
    let signal: AbortSignal | undefined
    const { execution, log, fates, settle } = executing(async function* (run) {
      signal = run.signal
      const first = run.ask({ message: 'one?' })
      await later.opened
      const second = run.ask({ message: 'two?' })
      yield note('held')
      for (const asked of [first, second]) await asked.catch((reason: unknown) => reasons.push(reason))
      yield note('late')
      await run.ask({ message: 'three?' }).catch((reason: unknown) => reasons.push(reason))
    })
    await settle()
    later.open()
    await settle()
    const before = log.length
    execution[give]()
    expect(execution.isSuspended()).toBe(false)
    expect(signal?.reason).toMatchObject({ name: 'RunAborted', code: 'abandoned' })
    await execution.returned
    expect(reasons).toEqual([signal?.reason, signal?.reason])
    expect(log).toHaveLength(before)
    expect(fates).toEqual(['suspended'])
    execution.resume('run-2', [])
    execution.abandon()
    expect(log).toHaveLength(before)
  })

  test('cannot be given up while it runs', async () => {
    const { execution, run, settle } = executing(async function* () {
      await turn()
      yield note(1)
    })
    execution.abandon()
    await settle()
    await execution.returned
    expect(timeless(run(1))).toEqual([note(1), finished(1, 'success')])
  })
})

describe('an answer', () => {
  test('to an execution that is stopped right after it is taken, and the run cancelled', async () => {
    const answers: Answer[] = []
    const { execution, run, settle, log, timers } = executing(async function* ({ ask }) {
      answers.push(await ask({ message: 'well?' }))
      yield note('late')
      yield say('late')
    })
    await settle()
    const [interrupt] = (run(1).at(-1) as unknown as { outcome: { interrupts: Interrupt[] } }).outcome.interrupts
    log.push({ type: 'RUN_STARTED', threadId: 'session', runId: 'run-2' })
    execution.resume('run-2', interrupt === undefined ? [] : [resolved({ id: interrupt.id, message: '' })])
    execution.stop()
    await timers.advance(0)
    await execution.returned
    expect(answers).toHaveLength(1)
    expect(timeless(run(2))).toEqual([note('late'), finished(2, 'cancelled')])
  })
})
