import type { SessionEvent } from '@throughline/sdk/protocol'
import { lastRunOf, statusOf } from '@throughline/sdk/transcript'
import type { Journal } from '../journal/journal.ts'
import type { CommandRecord, RecordChange } from '../store/port.ts'
import type { Timers } from '../timers.ts'
import { activityOf, advanceLedger, type Ledger } from './ledger.ts'

/** What commits are made with. */
export interface CommitsStart {
  readonly journal: Journal
  readonly ledger: Ledger
  readonly timers: Timers
  /** A title that the session takes from what happens, where it has none. */
  readonly titleFor: (events: readonly SessionEvent[]) => string | undefined
  /** The catalogue row changed, and that is stored. */
  readonly onRecord: (change: RecordChange) => void
  /** An open interrupt's time is over. */
  readonly onExpired: (interrupt: string) => void
}

/** The way of a session's own decisions into its journal: events, what they do to the catalogue, and the command that they carry out, at once. */
export class Commits {
  readonly #start: CommitsStart
  #ledger: Ledger
  #expiry: unknown

  constructor(start: CommitsStart) {
    this.#start = start
    this.#ledger = start.ledger
    this.#scheduleExpiry()
  }

  /** What decisions are made by: it has all that was committed, also what is not stored yet. */
  get ledger(): Ledger {
    return this.#ledger
  }

  /** Whether a question is open that the clock will close: that needs somebody to look at the clock. */
  get isAwaitingExpiry(): boolean {
    return this.#expiry !== undefined
  }

  /** Journals events with their effects; settles when they are stored. A store that fails takes the whole session down. */
  async commit(events: readonly SessionEvent[], command?: CommandRecord): Promise<void> {
    if (events.length === 0 && command === undefined) return
    const { journal, timers, titleFor, onRecord } = this.#start
    this.#ledger = advanceLedger(this.#ledger, events)
    this.#scheduleExpiry()
    const change = events.length > 0 ? this.#recordChange(timers.now(), titleFor(events)) : undefined
    await journal.append(events, { command, record: change })
    if (change !== undefined) onRecord(change)
  }

  /** One of Throughline's own events, to be committed. */
  own(name: `throughline/${string}`, value: object): SessionEvent {
    return { type: 'CUSTOM', name, value, timestamp: this.#start.timers.now() }
  }

  dispose(): void {
    this.#start.timers.clearTimeout(this.#expiry)
  }

  #recordChange(updatedAt: number, title: string | undefined): RecordChange {
    const { control } = this.#ledger
    const status = statusOf(control)
    // A session with messages that wait is not idle in the catalogue, even between two runs: a crash just there must not leave them waiting.
    const isBetweenRuns = status === 'idle' && control.queue.length > 0
    return { status: isBetweenRuns ? 'running' : status, last: lastRunOf(control), updatedAt, title }
  }

  #scheduleExpiry(): void {
    const { timers, onExpired } = this.#start
    timers.clearTimeout(this.#expiry)
    this.#expiry = undefined
    const activity = activityOf(this.#ledger)
    if (activity.kind !== 'waiting') return
    const [soonest] = activity.open
      .map(({ id, expiresAt = '' }) => ({ id, at: Date.parse(expiresAt) }))
      // An agent may write there what it likes; what is no time never comes.
      .filter(({ at }) => !Number.isNaN(at))
      .toSorted((one, other) => one.at - other.at)
    if (soonest === undefined) return
    // A timer reaches no further than some weeks: one that fires early looks again.
    const look = () => (timers.now() < soonest.at ? this.#scheduleExpiry() : onExpired(soonest.id))
    this.#expiry = timers.setTimeout(look, Math.max(0, soonest.at - timers.now()))
  }
}
