import { enforceEvents, verifyEvents } from '@ag-ui/client'
import type { BaseEvent } from '@ag-ui/core'
import type { EventOf, Message, ResumeEntry, SessionEvent } from '@throughline/sdk/protocol'
import { from } from 'rxjs'
import type { AgentEvent, AgentRun, Resume } from '../../src/agent/contract.ts'
import { startExecution, type ExecutionLimits } from '../../src/session/execution.ts'
import { runStartEvents } from '../../src/session/run-start.ts'
import { manualTimers, turn, type ManualTimers } from '../manual-timers.ts'

export interface ExecutingOptions {
  /** What was said before the message that starts the execution. */
  readonly said?: readonly Message[]
  readonly taken?: readonly string[]
  readonly limits?: Partial<ExecutionLimits>
  readonly state?: unknown
  readonly resume?: Resume
  readonly timers?: ManualTimers
  readonly room?: () => Promise<void> | undefined
  /** Called after each event, with all that there is. */
  readonly onEmit?: (log: readonly SessionEvent[]) => void
}

/** An execution with a journal of its own: what a session would have of it. */
export function executing(agent: (run: AgentRun) => AsyncIterable<unknown>, options: ExecutingOptions = {}) {
  const timers = options.timers ?? manualTimers()
  const message: Message = { id: 'question', role: 'user', content: 'Where to?' }
  const log: SessionEvent[] = []
  const fates: ('suspended' | 'ended')[] = []
  let runs = 0
  let ids = 0

  function beginRun(messages: readonly Message[], resume?: readonly ResumeEntry[]): string {
    runs += 1
    log.push(...runStartEvents('session', `run-${runs}`, { messages, by: 'ann', resume }, timers.now()))
    return `run-${runs}`
  }

  const take = (event: SessionEvent) => {
    // The journal encodes, perhaps a little later; here at once, so that each test sees whether an agent's object was kept.
    log.push(JSON.parse(JSON.stringify(event)) as SessionEvent)
    options.onEmit?.(log)
  }
  const settle = async () => {
    for (let rounds = 0; rounds < 3; rounds += 1) {
      await turn()
      await timers.advance(0)
    }
  }
  const run = beginRun([message])
  const execution = startExecution(
    {
      agent: { name: 'tested', run: agent as (run: AgentRun) => AsyncIterable<AgentEvent> },
      session: 'session',
      run,
      messages: [...(options.said ?? []), message],
      input: { tools: [], context: [] },
      isTaken: (id) => options.taken?.includes(id) ?? false,
      ...(options.state !== undefined && { state: options.state }),
      ...(options.resume !== undefined && { resume: options.resume }),
    },
    {
      emit: take,
      room: () => options.room?.(),
      end(events, fate) {
        events.forEach(take)
        fates.push(fate)
      },
    },
    {
      timers,
      newId: () => {
        ids += 1
        return `fresh-${ids}`
      },
      ...(options.limits !== undefined && { limits: options.limits }),
    },
  )

  return {
    execution,
    timers,
    log,
    /** How the runs so far ended. */
    fates,
    /** Lets everything happen that is ready to, and what waits for a next turn. */
    settle,
    /** Answers what is open; by default with its own message. */
    answer: async (entry: (interrupt: { id: string; message?: string }) => ResumeEntry = resolved): Promise<void> => {
      const entries = interruptsOf(log).map((interrupt) => entry(interrupt))
      execution.resume(beginRun([], entries), entries)
      await settle()
    },
    /** What one run has after its RUN_STARTED. */
    run: (number: number): SessionEvent[] => runsOf(log)[number - 1]?.slice(1) ?? [],
    terminal: (): SessionEvent | undefined => log.at(-1),
  }
}

/** The whole of an execution whose agent waits for nothing: its one run, after RUN_STARTED. */
export async function executed(events: readonly unknown[], options?: ExecutingOptions): Promise<SessionEvent[]> {
  const { run, execution, settle } = executing(yielding(events), options)
  await settle()
  await execution.returned
  return run(1)
}

/** An agent that yields these. */
export function yielding(events: readonly unknown[]): () => AsyncGenerator {
  return async function* () {
    await turn()
    yield* events
  }
}

/** An agent that does something and says nothing. */
export function silent(work: (run: AgentRun) => Promise<unknown>): (run: AgentRun) => AsyncGenerator {
  return async function* (run) {
    await work(run)
    yield* []
  }
}

/** What AG-UI's own verifier finds wrong with a log; undefined where it finds nothing. */
export function verifierFault(log: readonly SessionEvent[]): Error | undefined {
  let fault: Error | undefined
  from(log as readonly unknown[] as readonly BaseEvent[])
    .pipe(enforceEvents(), verifyEvents())
    .subscribe({ error: (error: Error) => (fault = error) })
  return fault
}

/** The events of each run, RUN_STARTED first. */
export function runsOf(log: readonly SessionEvent[]): SessionEvent[][] {
  const runs: SessionEvent[][] = []
  for (const event of log) {
    if (event.type === 'RUN_STARTED') runs.push([])
    runs.at(-1)?.push(event)
  }
  return runs
}

/** The events without their times, which most tests are not about. */
export function timeless(events: readonly SessionEvent[]): unknown[] {
  return events.map((event) => {
    const { timestamp: _, ...rest } = event
    return rest
  })
}

export function resolved({ id, message }: { readonly id: string; readonly message?: string }): ResumeEntry {
  return { interruptId: id, status: 'resolved', payload: `re: ${message}`, metadata: { throughline: { by: 'bob' } } }
}

export function isTerminal(event: SessionEvent): event is EventOf<'RUN_FINISHED' | 'RUN_ERROR'> {
  return event.type === 'RUN_FINISHED' || event.type === 'RUN_ERROR'
}

function interruptsOf(log: readonly SessionEvent[]) {
  const last = log.findLast(isTerminal)
  return last?.type === 'RUN_FINISHED' && last.outcome?.type === 'interrupt' ? last.outcome.interrupts : []
}
