import type { JournalHeads } from './journal-heads.ts'
import type { MessageRow, SnapshotRecord, SnapshotWrite } from './port.ts'
import type { Sqlite } from './sqlite-driver.ts'
import { takeFitting } from './take-fitting.ts'

/** The stored snapshots, and the settled messages as rows that are written once. */
export class SqliteSnapshots {
  readonly #heads: JournalHeads
  readonly #save
  readonly #saveRow
  readonly #snapshot
  readonly #delete
  readonly #deleteRows
  readonly #rows
  readonly #ordinal

  constructor(database: Sqlite, heads: JournalHeads) {
    this.#heads = heads
    this.#save = database.prepare<[number, number, string, number, string]>(
      'INSERT OR REPLACE INTO snapshots (session, seq, mark, messages, json) VALUES (?, ?, ?, ?, ?)',
    )
    this.#saveRow = database.prepare<[number, number, string, string]>(
      'INSERT OR REPLACE INTO messages (session, ordinal, id, json) VALUES (?, ?, ?, ?)',
    )
    this.#snapshot = database.prepare<[number], SnapshotRecord>('SELECT seq, mark, messages, json FROM snapshots WHERE session = ?')
    this.#delete = database.prepare<[number]>('DELETE FROM snapshots WHERE session = ?')
    this.#deleteRows = database.prepare<[number, number]>('DELETE FROM messages WHERE session = ? AND ordinal >= ?')
    this.#rows = database.prepare<[number, number, number], MessageRow>(
      'SELECT ordinal, id, json FROM messages WHERE session = ? AND ordinal < ? ORDER BY ordinal DESC LIMIT ?',
    )
    this.#ordinal = database
      .prepare<[number, string], MessageRow['ordinal']>(
        'SELECT ordinal FROM messages WHERE session = ? AND id = ? ORDER BY ordinal DESC LIMIT 1',
      )
      .pluck()
  }

  save(session: string, { seq, mark, messages, json, rows }: SnapshotWrite): void {
    const head = this.#heads.get(session)
    if (head === undefined || seq < head.snapshot) return
    this.#save.run(head.n, seq, mark, messages, json)
    for (const row of rows) this.#saveRow.run(head.n, row.ordinal, row.id, row.json)
    this.#deleteRows.run(head.n, messages)
    this.#heads.set(session, { ...head, snapshot: seq })
  }

  snapshot(session: string): SnapshotRecord | undefined {
    const head = this.#heads.get(session)
    return head && this.#snapshot.get(head.n)
  }

  messages(session: string, before: number, limit: number, maxBytes: number): readonly MessageRow[] {
    const head = this.#heads.get(session)
    if (head === undefined || limit <= 0) return []
    const rows = this.#rows.iterate(head.n, before, Math.min(limit, Number.MAX_SAFE_INTEGER))
    return takeFitting(rows, ({ json }) => Buffer.byteLength(json), maxBytes)
  }

  ordinalOf(session: string, message: string): number | undefined {
    const head = this.#heads.get(session)
    return head && this.#ordinal.get(head.n, message)
  }

  /** Deletes the snapshot and the rows of a session that is no more. */
  remove(n: number): void {
    this.#delete.run(n)
    this.#deleteRows.run(n, 0)
  }
}
