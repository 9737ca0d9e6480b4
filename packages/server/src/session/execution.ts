import type { SessionEvent } from '@throughline/sdk/protocol'
import type { AgentRun, Answer, Question } from '../agent/contract.ts'
import type { Timers } from '../timers.ts'
import type { Execution, ExecutionPort, ExecutionStart } from './execution-port.ts'
import { checkEvent } from './execution/check-event.ts'
import { encodedBytes } from './execution/fit-event.ts'
import { pullAgent } from './execution/pull-agent.ts'
import { keepQuestions } from './execution/questions.ts'
import { RunAborted } from './execution/run-aborted.ts'
import { runEvents } from './execution/run-events.ts'
import { messageOf, type RunEnding } from './execution/terminal-event.ts'

/** What an execution may take, in encoded bytes and milliseconds. */
export interface ExecutionLimits {
  /** One event: a larger delta is split, a larger tool result cut, anything else larger ends the run. @default 256 KiB */
  readonly eventBytes: number
  /** What is said while the agent waits for a person; beyond it the agent is not pulled. @default 1 MiB */
  readonly heldBytes: number
  /** The agent state. @default 256 KiB */
  readonly stateBytes: number
  /** How long after a stop the run ends, whatever the agent does. @default 10 000 */
  readonly stopGraceMs: number
  /** The longest time of one run. @default no limit */
  readonly runMs?: number
}

export const EXECUTION_LIMITS: ExecutionLimits = {
  eventBytes: 256 * 1024,
  heldBytes: 1024 * 1024,
  stateBytes: 256 * 1024,
  stopGraceMs: 10_000,
}

export interface ExecutionOptions {
  readonly timers: Timers
  readonly newId: () => string
  readonly limits?: Partial<ExecutionLimits>
}

type State =
  /** `gathering`: questions were asked, and those of the same turn are waited for. */
  | { readonly kind: 'running'; readonly deadline: unknown; gathering: unknown }
  | { readonly kind: 'stopping'; readonly deadline: unknown }
  /** `ending`: the agent came to its end meanwhile, which the answer's run then has. */
  | { readonly kind: 'suspended'; readonly held: SessionEvent[]; heldBytes: number; ending: RunEnding | undefined }
  | { readonly kind: 'ended' }

/**
 * Sets an agent to work on a run that has its RUN_STARTED. Whatever the agent yields, throws or leaves out, what reaches the port is a valid
 * AG-UI run with exactly one terminal event. The agent is called in a later turn; {@link Execution.resume} uses the port before it returns.
 */
export function startExecution(start: ExecutionStart, port: ExecutionPort, { timers, newId, limits: given }: ExecutionOptions): Execution {
  const limits: ExecutionLimits = { ...EXECUTION_LIMITS, ...given }
  const abort = new AbortController()
  const now = () => timers.now()
  const events = runEvents({ ...start, ...limits, state: start.state, now, newId, emit: (event) => port.emit(event) })
  const questions = keepQuestions({ now, newId, toolCallId: (agentId) => events.toolCallId(agentId) })
  let state: State = running()
  const pull = pullAgent({
    call: callAgent,
    room,
    onYield: take,
    onReturn: () => finish({ kind: 'returned' }),
    onThrow: (error) => finish({ kind: 'failed', code: 'agent_error', message: messageOf(error) }),
    // A turn takes no time, so it is none of the clock's: a timer of 0 ms takes 1 ms, in which a fast agent says a thousand tokens.
    turn: () => new Promise((resolve) => setImmediate(resolve)),
  })

  function running(): State {
    const { runMs } = limits
    const timeout = () => finish({ kind: 'failed', code: 'timeout', message: `the run took longer than ${runMs} ms` })
    return { kind: 'running', deadline: runMs === undefined ? undefined : timers.setTimeout(timeout, runMs), gathering: undefined }
  }

  function callAgent(): AsyncIterable<unknown> | undefined {
    if (state.kind !== 'running') {
      finish({ kind: 'returned' })
      return undefined
    }
    const agentRun: AgentRun = {
      sessionId: start.session,
      runId: start.run,
      messages: start.messages,
      input: start.input,
      signal: abort.signal,
      ask,
      ...(start.state !== undefined && { state: start.state }),
      ...(start.resume !== undefined && { resume: start.resume }),
    }
    return start.agent.run(agentRun)
  }

  function room(): Promise<void> | undefined {
    if (state.kind !== 'suspended') return port.room()
    return state.heldBytes > limits.heldBytes ? new Promise(() => {}) : undefined
  }

  function take(value: unknown): void {
    const checked = checkEvent(value)
    switch (checked.kind) {
      case 'ignored':
        return
      case 'faulty':
        return finish({ kind: 'failed', code: 'agent_error', message: `the agent yielded what is no AG-UI event: ${checked.fault}` })
      case 'terminal':
        return finish({ kind: 'own', event: checked.event })
      case 'event':
        return write(checked.event)
      default:
        checked satisfies never
    }
  }

  function write(event: SessionEvent): void {
    if (state.kind === 'ended') return
    if (state.kind === 'suspended') {
      state.held.push(event)
      state.heldBytes += encodedBytes(event)
      return
    }
    const fault = events.write(event)
    if (fault !== undefined) finish({ kind: 'failed', ...fault })
  }

  function ask(question: Question): Promise<Answer> {
    if (state.kind === 'stopping' || state.kind === 'ended') return rejected(abortReason())
    const answered = questions.ask(question)
    gather()
    return answered
  }

  /** Puts the questions of one turn to a person together. While some are put already, further ones wait. */
  function gather(): void {
    if (state.kind === 'running' && questions.hasWaiting()) state.gathering ??= timers.setTimeout(suspend, 0)
  }

  function suspend(): void {
    if (state.kind === 'running') end({ kind: 'asked', interrupts: questions.put() })
  }

  /** The agent came to an end, or is brought to one. */
  function finish(ending: RunEnding): void {
    switch (state.kind) {
      case 'running':
        return end(ending)
      case 'stopping':
        return end(ending.kind === 'own' ? { kind: 'cancelled', event: ending.event } : { kind: 'cancelled' })
      case 'suspended':
        state.ending = ending
        return pull.close()
      case 'ended':
        return
      default:
        state satisfies never
    }
  }

  function end(ending: RunEnding): void {
    const last = events.end(ending)
    const isSuspended = ending.kind === 'asked' && last.terminal.type === 'RUN_FINISHED'
    clearTimers()
    if (isSuspended) state = { kind: 'suspended', held: [], heldBytes: 0, ending: undefined }
    else conclude(abortFor(ending))
    port.end(last.events, isSuspended ? 'suspended' : 'ended')
  }

  function conclude(reason: RunAborted | undefined): void {
    clearTimers()
    state = { kind: 'ended' }
    if (reason !== undefined) abort.abort(reason)
    questions.reject(abortReason())
    pull.close()
  }

  function abortReason(): unknown {
    return abort.signal.aborted ? abort.signal.reason : new RunAborted('ended', 'the run is over')
  }

  function clearTimers(): void {
    if (state.kind !== 'running' && state.kind !== 'stopping') return
    timers.clearTimeout(state.deadline)
    if (state.kind === 'running') timers.clearTimeout(state.gathering)
  }

  function abandon(): void {
    if (state.kind === 'suspended') conclude(new RunAborted('abandoned', 'the conversation went on without an answer'))
  }

  return {
    stop() {
      if (state.kind === 'suspended') return abandon()
      if (state.kind !== 'running') return
      clearTimers()
      state = { kind: 'stopping', deadline: timers.setTimeout(() => finish({ kind: 'returned' }), limits.stopGraceMs) }
      events.stop()
      const reason = new RunAborted('stopped', 'the run was stopped')
      questions.reject(reason)
      abort.abort(reason)
    },
    resume(run, entries) {
      if (state.kind !== 'suspended') return
      const { held, ending } = state
      state = running()
      events.resume(run)
      for (const event of held) write(event)
      questions.answer(entries)
      if (ending !== undefined) finish(ending)
      gather()
      pull.wake()
    },
    abandon,
    isSuspended: () => state.kind === 'suspended',
    returned: pull.returned,
  }
}

/** Why the signal of a run aborts that ended in this way; undefined where it does not. */
function abortFor(ending: RunEnding): RunAborted | undefined {
  return ending.kind === 'failed' ? new RunAborted(ending.code, ending.message) : undefined
}

/** A rejection that brings nothing down where nobody looks at it. */
function rejected(reason: unknown): Promise<never> {
  const promise = Promise.reject(reason)
  promise.catch(() => {})
  return promise
}
