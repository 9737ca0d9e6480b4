import type { Mark } from '@throughline/sdk/protocol'
import type { RowIndex } from './row-index.ts'
import type { Sqlite } from './sqlite-driver.ts'
import { StoreError } from './store-error.ts'

/** A place in a session's journal: the end of a batch. */
export interface JournalPlace {
  readonly seq: number
  readonly mark: Mark
  /** Bytes of all the session's frames through here, folded ones too. */
  readonly total: number
}

/** Where a session's journal ends, and where its kept rows begin. */
export interface JournalHead extends JournalPlace {
  /** The session's number, which its rows carry. */
  readonly n: number
  readonly folded: JournalPlace
  /** The seq that the stored snapshot is valid through; 0 where none is stored. */
  readonly snapshot: number
}

/** How many heads are kept in memory; others are found again in the file. */
const HEADS_KEPT = 100_000

interface SessionRow {
  readonly n: number
  readonly fold_seq: number
  readonly fold_mark: Mark
  readonly fold_total: number
  readonly snapshot: number | null
}

/** The heads of the journals, kept in memory, so that an append need not look for its place. */
export class JournalHeads {
  readonly #index: RowIndex
  readonly #heads = new Map<string, JournalHead>()
  readonly #session
  readonly #last

  constructor(database: Sqlite, index: RowIndex) {
    this.#index = index
    this.#session = database.prepare<[string], SessionRow>(
      `SELECT n, fold_seq, fold_mark, fold_total, (SELECT seq FROM snapshots WHERE session = n) AS snapshot FROM sessions WHERE id = ?`,
    )
    this.#last = database.prepare<[number], { readonly [Column in keyof JournalPlace]: JournalPlace[Column] | null }>(
      `SELECT j.upto AS seq, j.mark, j.total FROM journal_index i LEFT JOIN journal j ON j.row = i.row
       WHERE i.session = ? ORDER BY i.upto DESC LIMIT 1`,
    )
  }

  /** Undefined where there is no such session. */
  get(session: string): JournalHead | undefined {
    const known = this.#heads.get(session)
    if (known !== undefined) return known
    const row = this.#session.get(session)
    if (row === undefined) return undefined
    const folded: JournalPlace = { seq: row.fold_seq, mark: row.fold_mark, total: row.fold_total }
    const head: JournalHead = { ...this.#end(session, row.n, folded), n: row.n, folded, snapshot: row.snapshot ?? 0 }
    this.#keep(session, head)
    return head
  }

  set(session: string, head: JournalHead): void {
    this.#keep(session, head)
  }

  drop(session: string): void {
    this.#heads.delete(session)
  }

  /** Forgets all: after a transaction that failed, what was found or set in it may never have been. */
  clear(): void {
    this.#heads.clear()
  }

  #end(session: string, n: number, folded: JournalPlace): JournalPlace {
    const pending = this.#index.lastThrough(n, Infinity)
    if (pending !== undefined) return { seq: pending.upto, mark: pending.mark, total: pending.total }
    const last = this.#last.get(n)
    if (last === undefined) return folded
    const { seq, mark, total } = last
    // To take the row before for the end would lose the last one without a word.
    if (seq === null || mark === null || total === null) {
      throw new StoreError(
        'corrupt',
        `the last row of session ${session} is missing; other sessions are unharmed. Restore the file or delete the session`,
      )
    }
    return { seq, mark, total }
  }

  #keep(session: string, head: JournalHead): void {
    // Only where heads have to go does it matter which was set longest ago; until then each stays in its place, which an append changes in no time.
    if (this.#heads.size >= HEADS_KEPT) this.#heads.delete(session)
    this.#heads.set(session, head)
    if (this.#heads.size <= HEADS_KEPT) return
    for (const oldest of this.#heads.keys()) {
      this.#heads.delete(oldest)
      return
    }
  }
}
