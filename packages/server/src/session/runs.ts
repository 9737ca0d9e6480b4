import type { CommandResults, ResumeEntry, SessionEvent } from '@throughline/sdk/protocol'
import type { Agent, Resume } from '../agent/contract.ts'
import type { Journal } from '../journal/journal.ts'
import type { CommandRecord } from '../store/port.ts'
import type { Timers } from '../timers.ts'
import { markAsked, wasAsked } from './asked-mark.ts'
import type { Commits } from './commits.ts'
import { toolResultsBefore } from './decide-send.ts'
import type { Execution, ExecutionPort } from './execution-port.ts'
import { startExecution } from './execution.ts'
import type { History } from './history.ts'
import { letGoOf, openHolds } from './holds.ts'
import { activityOf, nextInQueue } from './ledger.ts'
import { runEndOf, type RunEnd } from './run-end.ts'
import { runStartEvents, type RunStart } from './run-start.ts'
import { mayBeTakenUp } from './taken-up.ts'

/** What the runs of a session are made with. */
export interface RunsStart {
  readonly session: string
  readonly agent: Agent
  readonly journal: Journal
  readonly commits: Commits
  readonly timers: Timers
  readonly newId: () => string
  /** Longest time of one run, in milliseconds. */
  readonly runMs: number | undefined
  readonly history: () => Promise<History>
  /** The last run's open parts, closed, as events. */
  readonly closers: (run: string) => Promise<readonly SessionEvent[]>
  /** A run ended, and that is stored. */
  readonly onRunEnd: (end: RunEnd) => void
  /** Something failed whose cause is nothing for those who watch. */
  readonly onTrouble: (what: string, error: unknown) => void
}

/** Remembers what a command did, in the transaction of its effect. */
export type Remember<Result> = (result: Result) => CommandRecord

/** The runs of one execution, any of which names it, and the messages that they began with. */
interface Scope {
  readonly runs: string[]
  readonly messages: string[]
}

type Work =
  | { readonly kind: 'none' }
  /** RUN_STARTED is on its way to the store; the agent is not called before it is there. */
  | { readonly kind: 'starting'; readonly scope: Scope; stop: boolean }
  | { readonly kind: 'executing'; readonly scope: Scope; readonly execution: Execution }
  /** The run that an answer opened is on its way to the store. */
  | { readonly kind: 'resuming'; readonly scope: Scope; readonly execution: Execution; stop: boolean }

/** The runs of one session: at most one is active; what waits follows, oldest first. */
export class Runs {
  /** The way into the journal. */
  readonly commits: Commits
  readonly #start: RunsStart
  readonly #holds = openHolds()
  #work: Work = { kind: 'none' }
  /** `quiet`: nothing begins by itself; `over`: nothing begins at all. */
  #service: 'open' | 'quiet' | 'over' = 'open'

  constructor(start: RunsStart) {
    this.#start = start
    this.commits = start.commits
  }

  /** The runs and the messages that name the execution under way. */
  get scope(): { readonly runs: readonly string[]; readonly messages: readonly string[] } {
    return this.#work.kind === 'none' ? { runs: [], messages: [] } : this.#work.scope
  }

  /** Whether an agent is at work, or waits in `ask()`. */
  get isBusy(): boolean {
    const { kind } = activityOf(this.commits.ledger)
    return this.#work.kind !== 'none' || kind === 'running' || kind === 'stopping'
  }

  /** Starts a run; an execution that waits in `ask()` is given up for it. Settles when it is stored. */
  async start(start: RunStart, remember?: Remember<{ run: string }>, resume?: Resume): Promise<{ run: string }> {
    if (this.#service === 'over') throw letGoOf()
    this.#abandon()
    const run = `run_${this.#start.newId()}`
    const work: Work = { kind: 'starting', scope: { runs: [run], messages: start.messages.map(({ id }) => id) }, stop: false }
    this.#work = work
    await this.commits.commit(runStartEvents(this.#start.session, run, start, this.#start.timers.now()), remember?.({ run }))
    void this.#execute(work, run, start, resume)
    return { run }
  }

  /** Stops the run under way, and takes messages out of the queue. Settles when that it stops is stored; its terminal event follows. */
  async stop(
    run: string,
    by: string,
    unqueued: readonly string[],
    remember?: Remember<CommandResults['stop']>,
  ): Promise<CommandResults['stop']> {
    const result = { stopped: true }
    const events = [
      this.commits.own('throughline/stopping', { run, by }),
      ...unqueued.map((message) => this.commits.own('throughline/unqueued', { message })),
    ]
    const stored = this.commits.commit(events, remember?.(result))
    if (this.#work.kind === 'executing') this.#work.execution.stop()
    else if (this.#work.kind !== 'none') this.#work.stop = true
    await stored
    return result
  }

  /** Answers open interrupts `cancelled` without a run that follows, and gives up an execution that waits for them. */
  async cancelInterrupts(open: readonly string[], by: string, unqueued: readonly string[], remember?: Remember<CommandResults['stop']>) {
    const result = { stopped: true }
    this.#abandon()
    const answers = open.map((interrupt) => this.commits.own('throughline/answered', { interrupt, status: 'cancelled', by }))
    const stored = this.commits.commit(
      [...answers, ...unqueued.map((message) => this.commits.own('throughline/unqueued', { message }))],
      remember?.(result),
    )
    this.#next()
    await stored
    return result
  }

  /** Goes on after the last answer: in the execution that waits for it, or by calling the agent anew. */
  async resume(entries: readonly ResumeEntry[], by: string, remember?: Remember<{ run: string }>): Promise<{ run: string }> {
    const work = this.#work
    if (work.kind !== 'executing' || !work.execution.isSuspended()) return this.#resumeAnew(entries, by, remember)
    const run = `run_${this.#start.newId()}`
    work.scope.runs.push(run)
    const resuming: Work = { kind: 'resuming', scope: work.scope, execution: work.execution, stop: false }
    this.#work = resuming
    await this.commits.commit(
      runStartEvents(this.#start.session, run, { messages: [], by, resume: entries }, this.#start.timers.now()),
      remember?.({ run }),
    )
    if (this.#work === resuming) {
      this.#work = { kind: 'executing', scope: work.scope, execution: work.execution }
      work.execution.resume(run, entries)
      if (resuming.stop) work.execution.stop()
    }
    return { run }
  }

  /** Settles when nothing runs any more, and keeps what is queued waiting until {@link release}. Rejects where the session is let go of before. */
  hold(): Promise<void> {
    const held = this.#holds.wait()
    this.#next()
    return held
  }

  /** Starts nothing any more by itself: the server is about to stop, and what waits will go on at its next start. */
  quiet(): void {
    if (this.#service === 'open') this.#service = 'quiet'
    this.#holds.refuseAll()
  }

  /** Lets what is queued go on. */
  release(): void {
    this.#next()
  }

  /**
   * Ends the run under way, whose execution is lost or is given up: what it left open is closed, then RUN_ERROR `interrupted`. The agent is
   * called anew where it can take up such a run and did not just fail to, several times.
   */
  async interrupt(message: string, options: { readonly resume: boolean }): Promise<void> {
    const activity = activityOf(this.commits.ledger)
    this.#giveUp()
    if (activity.kind !== 'running' && activity.kind !== 'stopping') {
      if (options.resume) this.#next()
      return
    }
    await this.#start.journal.settled()
    const closers = await this.#start.closers(activity.run)
    await this.commits.commit([...closers, { type: 'RUN_ERROR', code: 'interrupted', message, timestamp: this.#start.timers.now() }])
    this.#tellEnd(activity.run)
    if (options.resume && activity.kind === 'running' && this.#start.agent.resumes === true && mayBeTakenUp(this.commits.ledger)) {
      await this.start({ messages: [], by: 'host', resumes: activity.run }, undefined, { kind: 'interrupted', run: activity.run })
    } else if (options.resume) this.#next()
  }

  /** Stops everything without a word in the journal: it cannot be written any more. */
  dispose(): void {
    this.#service = 'over'
    this.#holds.refuseAll()
    this.#giveUp()
    this.commits.dispose()
  }

  async #execute(work: Work & { kind: 'starting' }, run: string, start: RunStart, resume: Resume | undefined): Promise<void> {
    const { session, agent, timers, newId, runMs } = this.#start
    const { scope } = work
    try {
      const { messages, state, isTaken } = await this.#start.history()
      if (this.#work !== work) return
      if (work.stop) {
        this.#end(
          scope,
          [{ type: 'RUN_FINISHED', threadId: session, runId: run, outcome: { type: 'cancelled' }, timestamp: timers.now() }],
          'ended',
        )
        return
      }
      const { tools = [], context = [], ...given } = start.input ?? {}
      const input = { tools, context, ...given }
      const execution = startExecution(
        { agent, session, run, messages, input, isTaken, ...(state !== undefined && { state }), ...(resume !== undefined && { resume }) },
        this.#portFor(scope),
        { timers, newId, ...(runMs !== undefined && { limits: { runMs } }) },
      )
      if (this.#work === work) this.#work = { kind: 'executing', scope, execution }
    } catch (error) {
      if (this.#work !== work) return
      this.#start.onTrouble(`run ${run} could not start`, error)
      const message = 'the run could not start: what was said before could not be read. The server’s log says why'
      this.#end(scope, [{ type: 'RUN_ERROR', code: 'agent_error', message, timestamp: timers.now() }], 'ended')
    }
  }

  /** What an execution may do to the session; nothing any more, once it is not the one under way. */
  #portFor(scope: Scope): ExecutionPort {
    const isCurrent = () => this.#work.kind !== 'none' && this.#work.scope === scope
    return {
      emit: (event) => {
        if (isCurrent()) this.#start.journal.emit(event)
      },
      room: () => this.#start.journal.room(),
      end: (events, fate) => this.#end(scope, events, fate),
    }
  }

  #end(scope: Scope, events: readonly SessionEvent[], fate: 'suspended' | 'ended'): void {
    if (this.#work.kind === 'none' || this.#work.scope !== scope) return
    const run = scope.runs.at(-1) ?? ''
    if (fate === 'ended') this.#work = { kind: 'none' }
    this.commits.commit(fate === 'suspended' ? events.map(markAsked) : events).then(
      () => this.#tellEnd(run),
      () => undefined,
    )
    this.#next()
  }

  /** Calls the agent anew with the answers; where `ask()` was waiting for them and is lost, only an agent that says so can go on. */
  async #resumeAnew(entries: readonly ResumeEntry[], by: string, remember?: Remember<{ run: string }>): Promise<{ run: string }> {
    if (!this.commits.ledger.control.interrupts.some(wasAsked) || this.#start.agent.resumes === true)
      return this.start({ messages: [], by, resume: entries }, remember, { kind: 'answers', entries })
    const run = `run_${this.#start.newId()}`
    const now = this.#start.timers.now()
    const message = 'the agent that asked was lost when its server stopped, and cannot take the answer up'
    await this.commits.commit(
      [
        ...runStartEvents(this.#start.session, run, { messages: [], by, resume: entries }, now),
        { type: 'RUN_ERROR', code: 'interrupted', message, timestamp: now },
      ],
      remember?.({ run }),
    )
    this.#tellEnd(run)
    this.#next()
    return { run }
  }

  /** Starts what waits longest, where nothing runs and nobody holds the queue. */
  #next(): void {
    if (this.#service !== 'open' || this.#work.kind !== 'none' || activityOf(this.commits.ledger).kind !== 'idle') return
    if (this.#holds.letGo()) return
    const queued = nextInQueue(this.commits.ledger)
    if (queued === undefined) return
    const messages = [...toolResultsBefore(this.commits.ledger), queued.message]
    this.start({ messages, input: queued.input, by: queued.by }).catch(() => undefined)
  }

  #abandon(): void {
    if (this.#work.kind === 'executing' && this.#work.execution.isSuspended()) this.#giveUp()
  }

  #giveUp(): void {
    const work = this.#work
    this.#work = { kind: 'none' }
    if (work.kind !== 'executing' && work.kind !== 'resuming') return
    if (work.execution.isSuspended()) work.execution.abandon()
    else work.execution.stop()
  }

  #tellEnd(run: string): void {
    const end = runEndOf(this.commits.ledger, this.#start.session, run)
    if (end !== undefined) this.#start.onRunEnd(end)
  }
}
