import type { MessageRow, SnapshotRecord, SnapshotWrite } from './port.ts'
import { takeFitting } from './take-fitting.ts'

/** One session's stored snapshot in memory, and its message rows by ordinal. */
export class MemorySnapshots {
  #snapshot: SnapshotRecord | undefined
  readonly #rows: (MessageRow | undefined)[] = []

  get snapshot(): SnapshotRecord | undefined {
    return this.#snapshot
  }

  save({ rows, ...snapshot }: SnapshotWrite): void {
    if (this.#snapshot !== undefined && snapshot.seq < this.#snapshot.seq) return
    this.#snapshot = snapshot
    for (const row of rows) this.#rows[row.ordinal] = row
    if (this.#rows.length > snapshot.messages) this.#rows.length = snapshot.messages
  }

  messages(before: number, limit: number, maxBytes: number): readonly MessageRow[] {
    return takeFitting(this.#newestFirst(before, limit), (row) => Buffer.byteLength(row.json), maxBytes)
  }

  ordinalOf(message: string): number | undefined {
    return this.#rows.findLast((row) => row?.id === message)?.ordinal
  }

  *#newestFirst(before: number, limit: number): Iterable<MessageRow> {
    let left = limit
    for (let ordinal = Math.min(before, this.#rows.length) - 1; ordinal >= 0 && left > 0; ordinal -= 1) {
      const row = this.#rows[ordinal]
      if (row === undefined) continue
      left -= 1
      yield row
    }
  }
}
