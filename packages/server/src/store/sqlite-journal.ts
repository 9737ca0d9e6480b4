import type { Mark } from '@throughline/sdk/protocol'
import type { Transaction } from './group-commit.ts'
import type { JournalHead, JournalHeads, JournalPlace } from './journal-heads.ts'
import type { Batch, JournalBounds } from './port.ts'
import type { RowIndex } from './row-index.ts'
import type { Sqlite } from './sqlite-driver.ts'
import { StoreError } from './store-error.ts'
import { takeFitting } from './take-fitting.ts'

interface JournalRow {
  readonly first: number
  readonly upto: number
  readonly mark: Mark
  readonly at: number
  readonly frame: Buffer
}

/** The journals of all sessions in one table, read through the index and the rows that it lacks as yet. */
export class SqliteJournal {
  readonly #heads: JournalHeads
  readonly #index: RowIndex
  readonly #insert
  readonly #row
  readonly #rowsAfter
  readonly #lastThrough
  readonly #deleteRow
  readonly #deleteRows
  readonly #deleteIndex
  readonly #setFold

  constructor(database: Sqlite, heads: JournalHeads, index: RowIndex) {
    this.#heads = heads
    this.#index = index
    this.#insert = database.prepare<[number, number, number, number, Mark, number, number, Buffer]>(
      'INSERT INTO journal (row, session, first, upto, mark, at, total, frame) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
    )
    this.#row = database.prepare<[number], JournalRow>('SELECT first, upto, mark, at, frame FROM journal WHERE row = ?')
    this.#rowsAfter = database.prepare<[number, number], JournalRow>(
      `SELECT j.first, j.upto, j.mark, j.at, j.frame FROM journal_index i JOIN journal j ON j.row = i.row
       WHERE i.session = ? AND i.upto > ? ORDER BY i.upto`,
    )
    this.#lastThrough = database.prepare<[number, number], JournalPlace>(
      `SELECT j.upto AS seq, j.mark, j.total FROM journal_index i JOIN journal j ON j.row = i.row
       WHERE i.session = ? AND i.upto <= ? ORDER BY i.upto DESC LIMIT 1`,
    )
    this.#deleteRow = database.prepare<[number]>('DELETE FROM journal WHERE row = ?')
    this.#deleteRows = database.prepare<[number, number]>(
      'DELETE FROM journal WHERE row IN (SELECT row FROM journal_index WHERE session = ? AND upto <= ?)',
    )
    this.#deleteIndex = database.prepare<[number, number]>('DELETE FROM journal_index WHERE session = ? AND upto <= ?')
    this.#setFold = database.prepare<[number, Mark, number, number]>(
      'UPDATE sessions SET fold_seq = ?, fold_mark = ?, fold_total = ? WHERE n = ?',
    )
  }

  append(session: string, head: JournalHead, { from, to, mark, at, frame }: Batch, transaction: Transaction): void {
    const row = this.#index.nextRow()
    const total = head.total + frame.length
    this.#insert.run(row, head.n, from, to, mark, at, total, frame)
    this.#index.add(head.n, { row, upto: to, mark, total }, transaction)
    const { n, folded, snapshot } = head
    this.#heads.set(session, { n, seq: to, mark, total, folded, snapshot })
  }

  bounds(session: string): JournalBounds | undefined {
    const head = this.#heads.get(session)
    if (head === undefined) return undefined
    const { seq, mark, total, folded } = head
    return { head: seq, mark, folded: folded.seq, foldedMark: folded.mark, bytes: total - folded.total }
  }

  read(session: string, after: number, maxBytes: number): readonly Batch[] {
    const head = this.#heads.get(session)
    if (head === undefined) return []
    const begin = Math.max(after, head.folded.seq)
    if (head.seq <= begin) return []
    const batches = takeFitting(this.#batchesAfter(head.n, begin), ({ frame }) => frame.length, maxBytes)
    const missing = firstMissing(batches, begin)
    if (missing === undefined) return batches
    throw new StoreError(
      'corrupt',
      `event ${missing} of session ${session} is missing or cannot be read; other sessions are unharmed. Restore the file or delete the session`,
    )
  }

  markAt(session: string, seq: number): Mark | undefined {
    const head = this.#heads.get(session)
    const place = head && this.#placeThrough(head.n, seq)
    return place?.seq === seq ? place.mark : undefined
  }

  bytesAfter(session: string, after: number): number {
    const head = this.#heads.get(session)
    if (head === undefined || head.seq <= after) return 0
    return head.total - (this.#placeThrough(head.n, after)?.total ?? head.folded.total)
  }

  fold(session: string, seq: number, transaction: Transaction): void {
    const head = this.#heads.get(session)
    if (head === undefined || seq <= head.folded.seq) return
    const place = this.#placeThrough(head.n, seq)
    if (seq > head.snapshot || place?.seq !== seq) {
      const why = seq > head.snapshot ? `its snapshot ends at ${head.snapshot}` : 'no batch ends there'
      throw new StoreError('failed', `session ${session} cannot be folded through ${seq}: ${why}`)
    }
    this.#deleteThrough(head.n, seq, transaction)
    this.#setFold.run(place.seq, place.mark, place.total, head.n)
    this.#heads.set(session, { ...head, folded: place })
  }

  /** Deletes all rows of a session that is no more. */
  remove(session: string, n: number, transaction: Transaction): void {
    this.#deleteThrough(n, Number.MAX_SAFE_INTEGER, transaction)
    this.#heads.drop(session)
  }

  #deleteThrough(n: number, seq: number, transaction: Transaction): void {
    for (const { row } of this.#index.take(n, seq, transaction)) this.#deleteRow.run(row)
    this.#deleteRows.run(n, seq)
    this.#deleteIndex.run(n, seq)
  }

  *#batchesAfter(n: number, seq: number): Iterable<Batch> {
    for (const row of this.#rowsAfter.iterate(n, seq)) yield batchOf(row)
    for (const { row } of this.#index.after(n, seq)) {
      const found = this.#row.get(row)
      if (found !== undefined) yield batchOf(found)
    }
  }

  /** The newest kept row that ends at or before a seq. */
  #placeThrough(n: number, seq: number): JournalPlace | undefined {
    const pending = this.#index.lastThrough(n, seq)
    if (pending === undefined) return this.#lastThrough.get(n, seq)
    return { seq: pending.upto, mark: pending.mark, total: pending.total }
  }
}

function batchOf({ first, upto, mark, at, frame }: JournalRow): Batch {
  return { from: first, to: upto, mark, at, frame }
}

/** The first seq after `after` that batches do not cover, up to where they end: what a journal without holes never has. */
function firstMissing(batches: readonly Batch[], after: number): number | undefined {
  let next = after + 1
  for (const { from, to, frame } of batches) {
    // Only the first may begin earlier: where the reader stands in the middle of it.
    const follows = next === after + 1 ? from <= next && next <= to : from === next
    if (!follows || !Buffer.isBuffer(frame)) return next
    next = to + 1
  }
  return next === after + 1 ? next : undefined
}
