import type { Mark } from '@throughline/sdk/protocol'
import type { Batch, JournalBounds } from './port.ts'
import { takeFitting } from './take-fitting.ts'

/** One session's journal in memory: its kept rows, and where they begin. */
export class MemoryJournal {
  #rows: Batch[] = []
  #folded: { readonly seq: number; readonly mark: Mark }

  constructor(birth: Mark) {
    this.#folded = { seq: 0, mark: birth }
  }

  get bounds(): JournalBounds {
    const last = this.#rows.at(-1)
    return {
      head: last?.to ?? this.#folded.seq,
      mark: last?.mark ?? this.#folded.mark,
      folded: this.#folded.seq,
      foldedMark: this.#folded.mark,
      bytes: this.bytesAfter(0),
    }
  }

  get head(): number {
    return this.#rows.at(-1)?.to ?? this.#folded.seq
  }

  append(batch: Batch): void {
    this.#rows.push(batch)
  }

  read(after: number, maxBytes: number): readonly Batch[] {
    return takeFitting(this.#rows.slice(this.#firstAfter(after)), (batch) => batch.frame.length, maxBytes)
  }

  markAt(seq: number): Mark | undefined {
    const row = this.#rows[this.#firstAfter(seq - 1)]
    return row?.to === seq ? row.mark : undefined
  }

  bytesAfter(after: number): number {
    let bytes = 0
    for (let at = this.#firstAfter(after); at < this.#rows.length; at += 1) bytes += this.#rows[at]?.frame.length ?? 0
    return bytes
  }

  /** Says whether a batch ends at `seq`: only there can be folded. */
  fold(seq: number): boolean {
    if (seq <= this.#folded.seq) return true
    const mark = this.markAt(seq)
    if (mark === undefined) return false
    this.#rows = this.#rows.slice(this.#firstAfter(seq))
    this.#folded = { seq, mark }
    return true
  }

  /** The place of the first row that ends after a seq; rows are sorted, so half of them are left out at each look. */
  #firstAfter(seq: number): number {
    let low = 0
    let high = this.#rows.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#rows[middle]?.to ?? Infinity) > seq) high = middle
      else low = middle + 1
    }
    return low
  }
}
