import type { AttachFrame, CommandFrame, CommandResult, DetachReason, SessionEvent } from '@throughline/sdk/protocol'
import type { Agent } from '../agent/contract.ts'
import { Audience } from '../journal/audience.ts'
import { Feed } from '../journal/feed.ts'
import { FollowedProjection } from '../journal/followed-projection.ts'
import { Journal } from '../journal/journal.ts'
import type { EncodedSnapshot } from '../journal/projection.ts'
import type { TailLimits } from '../journal/tail.ts'
import type { ViewerLink } from '../journal/viewer-link.ts'
import type { JournalBounds, RecordChange, SessionRecord, Store } from '../store/port.ts'
import { changedRecord } from '../store/session-record.ts'
import type { Timers } from '../timers.ts'
import type { Arrival } from './arrival.ts'
import type { Claims } from './claims.ts'
import { openCommands, type Commands, type InTurn } from './commands.ts'
import { conversationOf, type Conversation, type MessagePage } from './conversation.ts'
import { expireInterrupt } from './expire-interrupt.ts'
import { activityOf } from './ledger.ts'
import { openRuns } from './open-runs.ts'
import { Refusal } from './refusal.ts'
import type { RunEnd } from './run-end.ts'
import type { Runs } from './runs.ts'
import { takeTurns } from './turns.ts'
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
  readonly claims: Claims
  readonly onRecord: (record: SessionRecord) => void
  readonly onRunEnd: (end: RunEnd) => void
  /** Something went wrong that harms nothing for now. */
  readonly onTrouble: (what: string, error: unknown) => void
  /** The session cannot be hosted any more; it has told its viewers. */
  readonly onFailed: () => void
}

/** Whether a session is served. `quiet`: nothing new begins; `leaving`: nobody may ask anything of it; `over`: who still watches is told why. */
type Service = { readonly kind: 'open' | 'quiet' | 'leaving' } | { readonly kind: 'over'; readonly reason: DetachReason }

/** One session in memory: its journal, its viewers, its runs. Commands take turns; their effects are stored before they are answered. */
export class HostedSession {
  readonly id: string
  readonly #start: HostedSessionStart
  readonly #journal: Journal
  readonly #feed: Feed
  readonly #projection: FollowedProjection
  readonly #conversation: Conversation
  readonly #commands: Commands
  readonly #audience: Audience
  readonly #watches = new Set<Watch>()
  readonly #turns = takeTurns()
  #service: Service = { kind: 'open' }
  #record: SessionRecord
  /** Whether somebody gave it a title, be that not stored yet. */
  #isNamed = false
  #runs: Promise<Runs> | undefined
  #openRuns: Runs | undefined
  /** How much is asked of it that is not answered yet, commands apart. */
  #asked = 0
  #touchedAt: number

  constructor(start: HostedSessionStart) {
    const { store, timers, queueBytes, record, fence, bounds, tail } = start
    this.id = record.id
    this.#start = start
    this.#record = record
    this.#touchedAt = timers.now()
    this.#audience = new Audience(timers)
    this.#journal = new Journal({
      store,
      session: this.id,
      fence,
      bounds,
      timers,
      tail,
      onStored: (batch, events) => {
        this.#projection.apply(batch, events)
        this.#audience.wake()
      },
      onFailed: ({ kind }) => {
        if (this.isOver) return
        this.end(kind === 'gone' ? 'deleted' : 'store')
        start.onFailed()
      },
    })
    this.#projection = new FollowedProjection({
      store,
      session: this.id,
      birth: record.birth,
      journal: () => this.#journal,
      timers,
      onTrouble: (error) => start.onTrouble('the snapshot could not be stored', error),
    })
    this.#feed = new Feed({ journal: this.#journal, store, session: this.id, timers })
    this.#conversation = conversationOf(this.id, store, () => this.#projection.get())
    const isQuiet = () => this.#service.kind !== 'open'
    const { id: session } = this
    this.#commands = openCommands({ session, store, timers, conversation: this.#conversation, queueBytes, inTurn: this.#inTurn, isQuiet })
  }

  get record(): SessionRecord {
    return this.#record
  }

  /** Whether it must stay in memory: somebody watches or asks something of it, an agent is at work or waits, or a question closes by the clock. */
  get isInUse(): boolean {
    return this.isAttended || this.#openRuns?.isBusy === true || this.#openRuns?.commits.isAwaitingExpiry === true
  }

  /** Whether somebody watches or asks something of it, or something runs. An agent that waits for a person is nobody. */
  get isAttended(): boolean {
    return this.#watches.size > 0 || this.#asked > 0 || this.#commands.isBusy() || this.isRunning
  }

  /** Whether a run is under way; one that waits for a person is not. */
  get isRunning(): boolean {
    const kind = this.#openRuns && activityOf(this.#openRuns.commits.ledger).kind
    return kind === 'running' || kind === 'stopping'
  }

  /** Whether it can be served no more. */
  get isOver(): boolean {
    return this.#service.kind === 'over'
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
  attach(principal: string, frame: AttachFrame, link: ViewerLink, arrival: Arrival): Promise<Watch> {
    return this.#serve(async () => {
      const watch = await openWatch(principal, frame, link, arrival, {
        store: this.#start.store,
        session: this.id,
        journal: this.#journal,
        feed: this.#feed,
        audience: this.#audience,
        watches: this.#watches,
        claims: this.#start.claims,
        projection: () => this.#projection.get(),
      })
      if (this.#service.kind === 'over') watch.detach(this.#service.reason)
      return watch
    })
  }

  /** The snapshot through the last stored event. */
  async snapshot(): Promise<EncodedSnapshot> {
    this.#touch()
    return (await this.#projection.get()).snapshot()
  }

  /** A page of messages: those before one, or the newest. */
  messages(before: string | undefined, limit: number): Promise<MessagePage> {
    this.#touch()
    return this.#conversation.page(before, limit)
  }

  /** Carries out a command, at most once an id; settles when its effect is stored. Its place among the others is taken before this returns. */
  command(principal: string, frame: CommandFrame): Promise<CommandResult> {
    this.#touch()
    return this.#commands.take(principal, frame)
  }

  /** Stops what runs, waits or is queued, whatever it is. */
  stop(by: string): Promise<CommandResult> {
    return this.#commands.stopAll(by)
  }

  /** Appends events of the embedding app. */
  append(events: readonly SessionEvent[]): Promise<void> {
    return this.#serve(() => this.#inTurn(async (runs) => ({ stored: runs.commits.commit(events) })))
  }

  /** Gives it a title. Through the journal, so that one which the first message gives it meanwhile cannot come after it. */
  rename(title: string): Promise<void> {
    return this.#serve(async () => {
      this.#isNamed = true
      await this.#journal.append([], { record: { title } })
      this.#record = { ...this.#record, title }
    })
  }

  /** Begins nothing any more, neither by itself nor for somebody: the server is about to stop. */
  quiet(): void {
    if (this.#service.kind === 'open') this.#service = { kind: 'quiet' }
    this.#openRuns?.quiet()
  }

  /** Takes nothing any more that is asked of it, since it is about to be removed. */
  retire(): void {
    if (!this.isOver) this.#service = { kind: 'leaving' }
  }

  /** Ends the run under way because the server stops. Commands that were on their way have had their turn then. */
  async interrupt(): Promise<void> {
    if (this.#openRuns === undefined && !this.#commands.isBusy()) return
    const message = 'the server was stopped while the run was under way'
    await this.#inTurn(async (runs) => ({ stored: runs.interrupt(message, { resume: false }) }))
  }

  /** Stores what is not stored yet. The session may be let go of then. */
  async flush(): Promise<void> {
    await this.#journal.settled()
    await this.#projection.flush()
  }

  /** Gives up what runs; nothing new is written. Who watches is not told yet. */
  abandon(): void {
    if (!this.isOver) this.#service = { kind: 'over', reason: 'store' }
    this.#openRuns?.dispose()
  }

  /** Lets go of everything, and tells all viewers why they watch no longer. */
  end(reason: DetachReason): void {
    this.abandon()
    this.#service = { kind: 'over', reason }
    for (const watch of this.#watches) watch.detach(reason)
    this.#audience.clear()
  }

  readonly #inTurn: InTurn = async (take) => {
    const { stored } = await this.#turns(async () => take(await this.#loadRuns()))
    return stored
  }

  #loadRuns(): Promise<Runs> {
    this.#runs ??= this.#openRunsOf().catch((error: unknown) => {
      this.#runs = undefined
      throw error
    })
    return this.#runs
  }

  async #openRunsOf(): Promise<Runs> {
    const runs = await openRuns({
      ...this.#start,
      session: this.id,
      journal: this.#journal,
      projection: this.#projection,
      hasTitle: () => this.#isNamed || this.#record.title !== undefined,
      onRecord: (change) => this.#setRecord(change),
      onExpired: (interrupt) => this.#expire(interrupt),
    })
    this.#openRuns = runs
    if (this.#service.kind === 'quiet') runs.quiet()
    if (this.#service.kind === 'over') runs.dispose()
    return runs
  }

  #setRecord(change: RecordChange): void {
    // A title that somebody gave it meanwhile holds.
    this.#record = changedRecord(this.#record, { ...change, title: this.#record.title ?? change.title })
    if (!this.isOver) this.#start.onRecord(this.#record)
  }

  #expire(interrupt: string): void {
    this.#inTurn((runs) => expireInterrupt(runs, interrupt)).catch((error: unknown) =>
      this.#start.onTrouble('an expired question could not be closed', error),
    )
  }

  /** Does what somebody asks; it stays in memory meanwhile. */
  async #serve<Result>(task: () => Promise<Result>): Promise<Result> {
    const { kind } = this.#service
    if (kind === 'leaving' || kind === 'over') throw new Refusal('unavailable', 'the session is about to go: try again', { retryMs: 1000 })
    this.#touch()
    this.#asked += 1
    try {
      return await task()
    } finally {
      this.#asked -= 1
    }
  }

  #touch(): void {
    this.#touchedAt = this.#start.timers.now()
  }
}
