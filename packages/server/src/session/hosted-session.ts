import type { AttachFrame, CommandFrame, CommandResult, DetachReason, SessionEvent, TranscriptMessage } from '@throughline/sdk/protocol'
import { toAgUiMessages } from '@throughline/sdk/transcript'
import type { Agent } from '../agent/contract.ts'
import { Audience } from '../journal/audience.ts'
import { Feed } from '../journal/feed.ts'
import { FollowedProjection } from '../journal/followed-projection.ts'
import { Journal, type JournalFailure } from '../journal/journal.ts'
import type { EncodedSnapshot } from '../journal/projection.ts'
import type { TailLimits } from '../journal/tail.ts'
import type { ViewerLink } from '../journal/viewer-link.ts'
import type { JournalBounds, RecordChange, SessionRecord, Store } from '../store/port.ts'
import type { Timers } from '../timers.ts'
import { Commits } from './commits.ts'
import { closersOf } from './closers-of.ts'
import { decideAnswer } from './decide-answer.ts'
import { digestOf } from './digest.ts'
import { activityOf, openLedger } from './ledger.ts'
import { Refusal } from './refusal.ts'
import { Runs, type History, type RunEnd } from './runs.ts'
import { titleOf } from './title-of.ts'
import { takeCommand } from './take-command.ts'
import { openWatch, type Watch } from './watch.ts'

/** What a session is hosted with. */
export interface HostedSessionStart {
  readonly record: SessionRecord
  readonly bounds: JournalBounds
  readonly fence: number
  readonly store: Store
  readonly agent: Agent
  readonly timers: Timers
  readonly newId: () => string
  readonly tail: TailLimits | undefined
  readonly queueBytes: number
  readonly runMs: number | undefined
  readonly onRecord: (record: SessionRecord) => void
  readonly onRunEnd: (end: RunEnd) => void
  /** Something went wrong that harms nothing for now. */
  readonly onTrouble: (what: string, error: unknown) => void
  /** The session cannot be hosted any more; it has told its viewers. */
  readonly onFailed: (failure: JournalFailure) => void
}

/** How large a page of messages may become, in encoded bytes. */
const PAGE_BYTES = 1024 * 1024

type Inflight = { readonly digest: string; readonly answer: Promise<CommandResult> }

/** One session in memory: its journal, its viewers, its runs. Commands take turns; their effects are stored before they are answered. */
export class HostedSession {
  readonly id: string
  readonly #start: HostedSessionStart
  readonly #journal: Journal
  readonly #feed: Feed
  readonly #projection: FollowedProjection
  readonly #audience: Audience
  readonly #watches = new Set<Watch>()
  readonly #inflight = new Map<string, Inflight>()
  #record: SessionRecord
  #runs: Promise<Runs> | undefined
  #openRuns: Runs | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #touchedAt: number

  constructor(start: HostedSessionStart) {
    this.id = start.record.id
    this.#start = start
    this.#record = start.record
    this.#touchedAt = start.timers.now()
    this.#audience = new Audience(start.timers)
    this.#journal = new Journal({
      store: start.store,
      session: this.id,
      fence: start.fence,
      bounds: start.bounds,
      timers: start.timers,
      tail: start.tail,
      onStored: (batch, events) => {
        this.#projection.apply(batch, events)
        this.#audience.wake()
      },
      onFailed: (failure) => this.#fail(failure),
    })
    this.#projection = new FollowedProjection({
      store: start.store,
      session: this.id,
      birth: start.record.birth,
      journal: () => this.#journal,
      timers: start.timers,
      onTrouble: (error) => start.onTrouble('the snapshot could not be stored', error),
    })
    this.#feed = new Feed({ journal: this.#journal, store: start.store, session: this.id, timers: start.timers })
  }

  get record(): SessionRecord {
    return this.#record
  }

  /** Whether anybody watches, anything runs, or an answer is waited for by the clock. */
  get isInUse(): boolean {
    return (
      this.#watches.size > 0 ||
      this.#openRuns?.isBusy === true ||
      this.#openRuns?.commits.isAwaitingExpiry === true ||
      this.#inflight.size > 0
    )
  }

  /** When somebody last asked something of it. */
  get touchedAt(): number {
    return this.#touchedAt
  }

  /** Loads what decides about runs, and repairs what a crash left: a run under way gets its end, and what is queued goes on. */
  async recover(): Promise<void> {
    const runs = await this.#loadRuns()
    await runs.interrupt('the server stopped while the run was under way', { resume: true })
  }

  /** Answers an attach through the link, and follows the journal. */
  attach(frame: AttachFrame, link: ViewerLink): Promise<Watch> {
    this.#touch()
    return openWatch(frame, link, {
      store: this.#start.store,
      session: this.id,
      journal: this.#journal,
      feed: this.#feed,
      audience: this.#audience,
      watches: this.#watches,
      snapshot: () => this.snapshot(),
    })
  }

  /** The snapshot through the last stored event. */
  async snapshot(): Promise<EncodedSnapshot> {
    this.#touch()
    return (await this.#projection.get()).snapshot()
  }

  /** Carries out a command, at most once an id; settles when its effect is stored. */
  async command(principal: string, frame: CommandFrame): Promise<CommandResult> {
    this.#touch()
    const key = `${principal} ${frame.id}`
    const digest = digestOf(frame)
    const same = this.#inflight.get(key)
    if (same !== undefined) return same.digest === digest ? same.answer : Promise.reject(idConflict(frame.id))
    const answer = this.#carryOut(principal, frame, digest)
    this.#inflight.set(key, { digest, answer })
    try {
      return await answer
    } finally {
      this.#inflight.delete(key)
    }
  }

  /** Stops what runs, waits or is queued, whatever it is. */
  stop(by: string): Promise<CommandResult> {
    return this.#inTurn<CommandResult>(async (runs) => {
      const activity = activityOf(runs.commits.ledger)
      const unqueued = runs.commits.ledger.control.queue.map(({ message }) => message.id)
      if (activity.kind === 'running') return { stored: runs.stop(activity.run, by, unqueued) }
      if (activity.kind === 'waiting')
        return {
          stored: runs.cancelInterrupts(
            activity.open.map(({ id }) => id),
            by,
            unqueued,
          ),
        }
      const events = unqueued.map((message) => runs.commits.own('throughline/unqueued', { message }))
      return { stored: runs.commits.commit(events).then(() => ({ stopped: false, reason: 'not_running' as const })) }
    })
  }

  /** Appends events of the embedding app. */
  append(events: readonly SessionEvent[]): Promise<void> {
    this.#touch()
    return this.#inTurn(async (runs) => ({ stored: runs.commits.commit(events) }))
  }

  /** Tells all viewers that they watch no longer, and why. */
  detachAll(reason: DetachReason): void {
    for (const watch of this.#watches) watch.detach(reason)
  }

  /** Ends the run under way because the server stops. */
  async interrupt(): Promise<void> {
    await (await this.#runs)?.interrupt('the server was stopped while the run was under way', { resume: false })
  }

  /** Whether a run is under way; one that waits for a person is not. */
  get isRunning(): boolean {
    if (this.#openRuns === undefined) return false
    const { kind } = activityOf(this.#openRuns.commits.ledger)
    return kind === 'running' || kind === 'stopping'
  }

  /** Takes over a title that is stored already. */
  rename(title: string): void {
    this.#record = { ...this.#record, title }
  }

  /** Starts nothing any more by itself. */
  quiet(): void {
    this.#openRuns?.quiet()
  }

  /** A page of older messages: rows before a message, or the newest. */
  async messages(
    before: string | undefined,
    limit: number,
  ): Promise<{ readonly messages: readonly TranscriptMessage[]; readonly more: boolean }> {
    const projection = await this.#projection.get()
    await projection.save()
    const { store } = this.#start
    const ordinal = before === undefined ? Number.MAX_SAFE_INTEGER : await store.ordinalOf(this.id, before)
    if (ordinal === undefined) throw new Refusal('invalid', `there is no message ${before ?? ''} in the session`)
    const rows = await store.messages(this.id, ordinal, limit, PAGE_BYTES)
    const messages = rows.map((row) => JSON.parse(row.json) as TranscriptMessage).toReversed()
    return { messages, more: (rows.at(-1)?.ordinal ?? 0) > 0 }
  }

  /** Stores what is not stored yet. The session may be let go of then. */
  async flush(): Promise<void> {
    await this.#journal.settled()
    await this.#projection.flush()
  }

  /** Lets go of everything; nothing is written any more. */
  dispose(): void {
    this.#openRuns?.dispose()
    this.#audience.clear()
  }

  #carryOut(principal: string, frame: CommandFrame, digest: string): Promise<CommandResult> {
    const { store, timers, queueBytes } = this.#start
    const remember = (result: CommandResult) => ({ principal, id: frame.id, digest, result, at: timers.now() })
    const take = (runs: Runs, later: CommandFrame) =>
      takeCommand({ runs, frame: later, by: principal, remember, queueBytes, isKnown: (id) => this.#isKnown(runs, id), again })
    const again = (later: CommandFrame): Promise<CommandResult> => this.#inTurn((runs) => take(runs, later))
    // Also the look at what was done before is part of the turn: it may take longer for one command than for the next.
    return this.#inTurn(async (runs) => {
      const before = await store.command(this.id, principal, frame.id)
      if (before === undefined) return take(runs, frame)
      if (before.digest !== digest) throw idConflict(frame.id)
      return { stored: Promise.resolve(before.result as CommandResult) }
    })
  }

  /** One after the other: what a command decides by must not change before its effect has its place in the journal. */
  #inTurn<Result>(take: (runs: Runs) => Promise<{ readonly stored: Promise<Result> }>): Promise<Result> {
    const taken = this.#turn.then(async () => take(await this.#loadRuns()))
    this.#turn = taken.then(
      () => undefined,
      () => undefined,
    )
    return taken.then(({ stored }) => stored)
  }

  async #isKnown(runs: Runs, message: string): Promise<boolean> {
    if (runs.scope.messages.includes(message) || runs.commits.ledger.control.queue.some((queued) => queued.message.id === message))
      return true
    const projection = await this.#projection.get()
    if (projection.transcript.messages.some(({ id }) => id === message)) return true
    const ordinal = await this.#start.store.ordinalOf(this.id, message)
    return ordinal !== undefined && projection.isBeforeWindow(ordinal)
  }

  #loadRuns(): Promise<Runs> {
    this.#runs ??= this.#openRunsOf().catch((error: unknown) => {
      this.#runs = undefined
      throw error
    })
    return this.#runs
  }

  async #openRunsOf(): Promise<Runs> {
    const { transcript } = await this.#projection.get()
    const { agent, timers, newId, runMs, store } = this.#start
    const commits = new Commits({
      journal: this.#journal,
      ledger: openLedger(transcript),
      timers,
      titleFor: (events) => (this.#record.title === undefined ? titleOf(events) : undefined),
      onRecord: (change) => this.#setRecord(change),
      onExpired: (interrupt) => this.#expire(interrupt),
    })
    const runs = new Runs({
      session: this.id,
      agent,
      journal: this.#journal,
      commits,
      timers,
      newId,
      runMs,
      history: () => this.#history(),
      closers: (run) => closersOf(store, this.id, run, timers.now()),
      onRunEnd: (end) => {
        void this.#projection.save()
        this.#start.onRunEnd(end)
      },
    })
    this.#openRuns = runs
    return runs
  }

  async #history(): Promise<History> {
    const projection = await this.#projection.get()
    const transcript = await projection.whole()
    const taken = new Set(
      transcript.messages.flatMap((message) => [message.id, ...message.parts.flatMap((part) => (part.type === 'file' ? [] : [part.id]))]),
    )
    return {
      messages: toAgUiMessages(transcript),
      isTaken: (id) => taken.has(id),
      ...(transcript.agentState !== undefined && { state: transcript.agentState }),
    }
  }

  #setRecord(change: RecordChange): void {
    const {
      status = this.#record.status,
      updatedAt = this.#record.updatedAt,
      title = this.#record.title,
      last = this.#record.last,
    } = change
    this.#record = { ...this.#record, status, updatedAt, ...(title !== undefined && { title }), ...(last !== undefined && { last }) }
    this.#start.onRecord(this.#record)
  }

  #expire(interrupt: string): void {
    this.#inTurn(async (runs) => {
      const verdict = decideAnswer(runs.commits.ledger, { interrupt, status: 'cancelled' }, 'host')
      if (verdict.kind === 'refused') return { stored: Promise.resolve({}) }
      if (verdict.kind === 'keep') {
        const answered = { interrupt, status: 'cancelled', by: 'host' }
        return { stored: runs.commits.commit([runs.commits.own('throughline/answered', answered)]).then(() => ({})) }
      }
      return { stored: runs.resume(verdict.resume, 'host') }
    }).catch((error: unknown) => this.#start.onTrouble('an expired question could not be closed', error))
  }

  #fail(failure: JournalFailure): void {
    this.#openRuns?.dispose()
    this.detachAll(failure.kind === 'gone' ? 'deleted' : 'store')
    this.#start.onFailed(failure)
  }

  #touch(): void {
    this.#touchedAt = this.#start.timers.now()
  }
}

function idConflict(id: string): Refusal {
  return new Refusal('id_conflict', `command ${id} was given before with another body: a new command needs a new id`)
}
