import type { Mark } from '@throughline/sdk/protocol'
import type { Batch, JournalBounds } from './port.ts'
import { takeFitting } from './take-fitting.ts'

/** A row, and the bytes of all the session's frames through it, folded ones too: so the bytes of any stretch are one subtraction. */
interface Row {
  readonly batch: Batch
  readonly total: number
}

/** One session's journal in memory: its kept rows, and where they begin. */
export class MemoryJournal {
  #rows: Row[] = []
  #folded: { readonly seq: number; readonly mark: Mark; readonly total: number }

  constructor(birth: Mark) {
    this.#folded = { seq: 0, mark: birth, total: 0 }
  }

  get bounds(): JournalBounds {
    const last = this.#rows.at(-1)
    return {
      head: last?.batch.to ?? this.#folded.seq,
      mark: last?.batch.mark ?? this.#folded.mark,
      folded: this.#folded.seq,
      foldedMark: this.#folded.mark,
      bytes: this.#total - this.#folded.total,
    }
  }

  get head(): number {
    return this.#rows.at(-1)?.batch.to ?? this.#folded.seq
  }

  append(batch: Batch): void {
    this.#rows.push({ batch, total: this.#total + batch.frame.length })
  }

  read(after: number, maxBytes: number): readonly Batch[] {
    return takeFitting(this.#batchesFrom(this.#firstAfter(after)), (batch) => batch.frame.length, maxBytes)
  }

  markAt(seq: number): Mark | undefined {
    const batch = this.#rows[this.#firstAfter(seq - 1)]?.batch
    return batch?.to === seq ? batch.mark : undefined
  }

  bytesAfter(after: number): number {
    const before = this.#rows[this.#firstAfter(after) - 1]?.total ?? this.#folded.total
    return this.#total - before
  }

  /** Says whether a batch ends at `seq`: only there can be folded. */
  fold(seq: number): boolean {
    if (seq <= this.#folded.seq) return true
    const last = this.#firstAfter(seq - 1)
    const row = this.#rows[last]
    if (row?.batch.to !== seq) return false
    this.#rows = this.#rows.slice(last + 1)
    this.#folded = { seq, mark: row.batch.mark, total: row.total }
    return true
  }

  /** Bytes of all frames so far. */
  get #total(): number {
    return this.#rows.at(-1)?.total ?? this.#folded.total
  }

  *#batchesFrom(place: number): Iterable<Batch> {
    for (let at = place; at < this.#rows.length; at += 1) {
      const row = this.#rows[at]
      if (row !== undefined) yield row.batch
    }
  }

  /** The place of the first row that ends after a seq; rows are sorted, so half of them are left out at each look. */
  #firstAfter(seq: number): number {
    let low = 0
    let high = this.#rows.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#rows[middle]?.batch.to ?? Infinity) > seq) high = middle
      else low = middle + 1
    }
    return low
  }
}
