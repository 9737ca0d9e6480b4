import type { Mark } from '@throughline/sdk/protocol'
import type { Batch } from '../store/port.ts'

/** How much of a journal's end is kept in memory. */
export interface TailLimits {
  readonly events: number
  readonly bytes: number
}

/** The tail's limits unless a host is told otherwise. */
export const TAIL_LIMITS: TailLimits = { events: 1000, bytes: 1024 * 1024 }

const EVICTED: Batch = { from: 0, to: 0, mark: '', at: 0, frame: Buffer.alloc(0) }

/** The newest batches of one journal, in memory: enough for viewers at the head and a little behind. */
export class Tail {
  readonly #limits: TailLimits
  #batches: Batch[] = []
  #start = 0
  #events = 0
  #bytes = 0

  constructor(limits: TailLimits) {
    this.#limits = limits
  }

  push(batch: Batch): void {
    this.#batches.push(batch)
    this.#events += batch.to - batch.from + 1
    this.#bytes += batch.frame.length
    while (this.#start < this.#batches.length - 1 && (this.#events > this.#limits.events || this.#bytes > this.#limits.bytes)) this.#evict()
  }

  /** The batches after a seq, or undefined where some of them are not in memory. */
  after(seq: number): readonly [Batch, ...Batch[]] | undefined {
    const batches = this.#batches
    const last = batches[batches.length - 1]
    if (last === undefined || last.to <= seq) return undefined
    // The common case: a viewer that stands just before the newest batch.
    if (last.from === seq + 1) return [last]
    const after = batches.slice(this.#indexAfter(seq))
    return beginAt(after, seq + 1) ? after : undefined
  }

  /** The mark of the batch that ends at a seq, and how many bytes of frames follow it; undefined where that is not in memory. */
  endingAt(seq: number): { readonly mark: Mark; readonly bytesAfter: number } | undefined {
    const batches = this.#batches
    const next = this.#indexAfter(seq)
    const found = batches[next - 1]
    if (found?.to !== seq || next <= this.#start) return undefined
    let bytesAfter = 0
    for (let index = next; index < batches.length; index += 1) bytesAfter += batches[index]?.frame.length ?? 0
    return { mark: found.mark, bytesAfter }
  }

  /** The place of the first batch that begins after a seq. */
  #indexAfter(seq: number): number {
    let low = this.#start
    let high = this.#batches.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#batches[middle]?.from ?? 0) <= seq) low = middle + 1
      else high = middle
    }
    return low
  }

  #evict(): void {
    const oldest = this.#batches[this.#start]
    if (oldest === undefined) return
    // The slot lets go of its frame at once; the array is cut only now and then, which keeps a push O(1).
    this.#batches[this.#start] = EVICTED
    this.#start += 1
    this.#events -= oldest.to - oldest.from + 1
    this.#bytes -= oldest.frame.length
    if (this.#start > 64 && this.#start * 2 > this.#batches.length) {
      this.#batches = this.#batches.slice(this.#start)
      this.#start = 0
    }
  }
}

/** Whether there are batches, of which the first begins at a seq. */
export function beginAt(batches: readonly Batch[], from: number): batches is readonly [Batch, ...Batch[]] {
  return batches[0]?.from === from
}
