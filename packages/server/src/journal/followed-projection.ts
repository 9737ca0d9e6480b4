import type { Mark, SessionEvent } from '@throughline/sdk/protocol'
import type { Batch, Store } from '../store/port.ts'
import type { Timers } from '../timers.ts'
import { foldOldRows } from './fold-old-rows.ts'
import type { Journal } from './journal.ts'
import { Projection } from './projection.ts'

/** After this many bytes of rows the snapshot is stored again, also in the middle of a run. */
const SAVE_BYTES = 1024 * 1024

/** What a projection follows. */
export interface FollowedProjectionStart {
  readonly store: Store
  readonly session: string
  readonly birth: Mark
  readonly journal: () => Journal
  readonly timers: Timers
  /** The snapshot could not be stored; the journal has everything, and the next save tries again. */
  readonly onTrouble: (error: unknown) => void
}

/** The projection of a session in memory: loaded when it is first needed, it then follows the journal, and is stored from time to time. */
export class FollowedProjection {
  readonly #start: FollowedProjectionStart
  #loading: Promise<Projection> | undefined
  #loaded: Projection | undefined
  #saving: Promise<void> | undefined
  #unsavedBytes = 0

  constructor(start: FollowedProjectionStart) {
    this.#start = start
  }

  /** The projection through the journal's head. */
  get(): Promise<Projection> {
    this.#loading ??= this.#load().catch((error: unknown) => {
      this.#loading = undefined
      throw error
    })
    return this.#loading
  }

  /** Takes in a batch that was stored just now. */
  apply(batch: Batch, events: readonly SessionEvent[]): void {
    this.#loaded?.apply(batch, events)
    this.#unsavedBytes += batch.frame.length
    if (this.#unsavedBytes > SAVE_BYTES) void this.save()
  }

  /** Stores the snapshot, and folds rows that it covers and that nobody needs. One save is under way at a time; it never rejects. */
  save(): Promise<void> {
    this.#saving ??= this.#save().finally(() => {
      this.#saving = undefined
    })
    return this.#saving
  }

  /** Stores the snapshot where it is in memory and not stored. */
  async flush(): Promise<void> {
    await this.#saving
    await this.#loaded?.save()
  }

  async #load(): Promise<Projection> {
    const { store, session, birth, journal } = this.#start
    const projection = await Projection.load(store, session, birth, () => journal().bounds.head)
    // Without an await between the last look at the head and this line: no batch is missed.
    this.#loaded = projection
    return projection
  }

  async #save(): Promise<void> {
    const { store, session, journal, timers, onTrouble } = this.#start
    this.#unsavedBytes = 0
    try {
      const projection = await this.get()
      await projection.save()
      await foldOldRows(store, session, journal(), projection.storedSeq, timers.now())
    } catch (error) {
      onTrouble(error)
    }
  }
}
