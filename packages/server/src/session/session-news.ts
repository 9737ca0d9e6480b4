import type { SessionRecord, Store } from '../store/port.ts'
import type { Directory } from './directory.ts'
import { entryOf } from './session-entry.ts'

/** What news are made of. */
export interface SessionNewsStart {
  readonly store: Store
  readonly directory: Directory
  readonly onTrouble: (what: string, error: unknown) => void
}

/** Tells the directory what changes in sessions: always the newest, whichever look at the store is answered first. */
export class SessionNews {
  readonly #start: SessionNewsStart
  /** The rows that are to be told, by session. */
  readonly #changed = new Map<string, SessionRecord>()

  constructor(start: SessionNewsStart) {
    this.#start = start
  }

  /** A session's row changed, or its place in its owner's layout. */
  changed(record: SessionRecord): void {
    if (!this.#start.directory.hasSubscribers(record.owner)) return
    const isUnderWay = this.#changed.has(record.id)
    // Another object also where only the layout is another: a look that is under way may have missed that.
    this.#changed.set(record.id, { ...record })
    if (!isUnderWay) void this.#tell(record.id)
  }

  /** A session was removed. */
  gone(owner: string, session: string): void {
    this.#changed.delete(session)
    this.#start.directory.gone(owner, session)
  }

  async #tell(session: string): Promise<void> {
    const { store, directory, onTrouble } = this.#start
    try {
      for (let record = this.#changed.get(session); record !== undefined;) {
        const layout = await store.layout(session, record.owner)
        const newest = this.#changed.get(session)
        if (newest === record) {
          this.#changed.delete(session)
          return directory.changed(record.owner, entryOf(record, layout))
        }
        record = newest
      }
    } catch (error) {
      this.#changed.delete(session)
      onTrouble(`a change of session ${session} could not be told to the directory`, error)
    }
  }
}
