import type { Mark } from '@throughline/sdk/protocol'
import type { GroupCommit, Transaction } from './group-commit.ts'
import type { Sqlite } from './sqlite-driver.ts'

/** A row of the journal that its index lacks as yet. */
export interface PendingRow {
  readonly row: number
  readonly upto: number
  readonly mark: Mark
  /** Bytes of all the session's frames through this one. */
  readonly total: number
}

/** When rows are indexed. */
export interface IndexPace {
  /** As soon as so many wait. */
  readonly rows: number
  /** As soon as none came for so long. */
  readonly idleMs: number
}

/** How many rows are indexed in one turn of the event loop. */
const SLICE_ROWS = 4096

/**
 * The index of the journal by session and seq. With each append a page of it would change for each session; so rows wait in memory, where
 * reads find them, and are written in bulk and in the order of the index. What waits when a process ends is found again by its row numbers.
 */
export class RowIndex {
  readonly #group: GroupCommit
  readonly #pace: IndexPace
  readonly #onFailed: (error: unknown) => void
  readonly #insert
  readonly #setIndexed
  /** By session number; rows of a session in the order of both row and seq. */
  readonly #pending = new Map<number, PendingRow[]>()
  #count = 0
  #due: number
  #newest: number
  #adding: { readonly transaction: Transaction; readonly sessions: number[] } | undefined
  #idle: NodeJS.Timeout | undefined
  #state: 'waiting' | 'writing' | 'closed' = 'waiting'

  /** Indexes at once what an earlier process left. `onFailed` is told where rows cannot be indexed; they go on waiting. */
  constructor(database: Sqlite, group: GroupCommit, pace: IndexPace, onFailed: (error: unknown) => void) {
    this.#group = group
    this.#pace = pace
    this.#due = pace.rows
    this.#onFailed = onFailed
    this.#newest = indexLeftovers(database)
    this.#insert = database.prepare<[number, number, number]>('INSERT OR REPLACE INTO journal_index (session, upto, row) VALUES (?, ?, ?)')
    this.#setIndexed = database.prepare<[number]>(`UPDATE counters SET value = ? WHERE name = 'indexed'`)
  }

  /** A row number that no row had before. */
  nextRow(): number {
    this.#newest += 1
    return this.#newest
  }

  add(session: number, row: PendingRow, transaction: Transaction): void {
    const rows = this.#pending.get(session) ?? []
    this.#pending.set(session, rows)
    rows.push(row)
    this.#count += 1
    this.#addedIn(transaction).push(session)
  }

  /** The sessions of the rows that a transaction adds: one list for all of them, since a thousand appends share one transaction. */
  #addedIn(transaction: Transaction): number[] {
    if (this.#adding?.transaction === transaction) return this.#adding.sessions
    const sessions: number[] = []
    this.#adding = { transaction, sessions }
    transaction.onRollback(() => {
      for (const session of sessions.toReversed()) this.#cut(session, -1, 1)
    })
    transaction.onCommit(() => this.#schedule())
    return sessions
  }

  /** The rows of a session that wait and end after a seq. */
  after(session: number, seq: number): readonly PendingRow[] {
    const rows = this.#pending.get(session) ?? []
    return rows.slice(countWhile(rows, (row) => row.upto <= seq))
  }

  /** The newest row of a session that waits and ends at or before a seq. */
  lastThrough(session: number, seq: number): PendingRow | undefined {
    const rows = this.#pending.get(session) ?? []
    return rows[countWhile(rows, (row) => row.upto <= seq) - 1]
  }

  /** Takes out the oldest rows of a session that wait, through a seq. */
  take(session: number, seq: number, transaction: Transaction): readonly PendingRow[] {
    const rows = this.#pending.get(session) ?? []
    return this.#take(
      session,
      countWhile(rows, (row) => row.upto <= seq),
      transaction,
    )
  }

  /** Indexes all that waits, in one transaction, and lets no timer run any more. */
  async close(): Promise<void> {
    this.#state = 'closed'
    clearTimeout(this.#idle)
    const through = this.#newest
    const sessions = this.#sessions()
    const written = this.#group.run((transaction) => this.#write(sessions, through, Infinity, transaction))
    this.#group.flush()
    await written
  }

  #schedule(): void {
    if (this.#state !== 'waiting') return
    if (this.#count >= this.#due) void this.#writeAll()
    else if (this.#idle === undefined) this.#idle = setTimeout(() => void this.#writeAll(), this.#pace.idleMs).unref()
    else this.#idle.refresh()
  }

  async #writeAll(): Promise<void> {
    if (this.#state !== 'waiting' || this.#count === 0) return
    this.#state = 'writing'
    const through = this.#newest
    let left = this.#sessions()
    try {
      while (left.length > 0 && this.#state === 'writing') {
        const sessions = left
        left = await this.#group.run((transaction) => this.#write(sessions, through, SLICE_ROWS, transaction))
      }
      this.#due = this.#pace.rows
    } catch (error) {
      // With the next append it would most likely fail again, and make that append slower.
      this.#due = this.#count + this.#pace.rows
      this.#onFailed(error)
    }
    if (this.#state !== 'writing') return
    this.#state = 'waiting'
    // Rows that came meanwhile set no timer.
    if (this.#count > 0) this.#schedule()
  }

  #sessions(): readonly number[] {
    return [...this.#pending.keys()].toSorted((a, b) => a - b)
  }

  /** Indexes at most `limit` rows of these sessions, and gives back those that are left; with the last, all rows through `through` are indexed. */
  #write(sessions: readonly number[], through: number, limit: number, transaction: Transaction): readonly number[] {
    let room = limit
    let at = 0
    for (let session = sessions[at]; session !== undefined && room > 0; session = sessions[at]) {
      const rows = this.#pending.get(session) ?? []
      const isLastSlice = rows.length <= room
      const taken = this.#take(session, Math.min(rows.length, room), transaction)
      for (const { upto, row } of taken) this.#insert.run(session, upto, row)
      room -= taken.length
      if (isLastSlice) at += 1
    }
    // Where nothing waits any more, rows that came since are indexed too.
    if (at === sessions.length) this.#setIndexed.run(this.#count === 0 ? this.#newest : through)
    return sessions.slice(at)
  }

  #take(session: number, count: number, transaction: Transaction): readonly PendingRow[] {
    const taken = this.#cut(session, 0, count)
    transaction.onRollback(() => {
      this.#pending.set(session, [...taken, ...(this.#pending.get(session) ?? [])])
      this.#count += taken.length
    })
    return taken
  }

  #cut(session: number, from: number, count: number): readonly PendingRow[] {
    const rows = this.#pending.get(session) ?? []
    const cut = rows.splice(from, count)
    this.#count -= cut.length
    if (rows.length === 0) this.#pending.delete(session)
    return cut
  }
}

/** Indexes the rows that no process indexed; says which row number was given last. */
function indexLeftovers(database: Sqlite): number {
  return database
    .transaction(() => {
      const indexed = database.prepare<[], number>(`SELECT value FROM counters WHERE name = 'indexed'`).pluck().get() ?? 0
      const newest = database.prepare<[], number | null>('SELECT max(row) FROM journal').pluck().get() ?? 0
      database
        .prepare<[number]>(
          'INSERT OR REPLACE INTO journal_index (session, upto, row) SELECT session, upto, row FROM journal WHERE row > ? ORDER BY session, upto',
        )
        .run(indexed)
      const through = Math.max(indexed, newest)
      database.prepare<[number]>(`UPDATE counters SET value = ? WHERE name = 'indexed'`).run(through)
      return through
    })
    .immediate()
}

/** How many of the first items a test holds for; it holds for none after one that fails it. */
function countWhile<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const item = items[middle]
    if (item !== undefined && holds(item)) low = middle + 1
    else high = middle
  }
  return low
}
