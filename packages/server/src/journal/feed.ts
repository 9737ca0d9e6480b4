import type { Batch, Store } from '../store/port.ts'
import type { Timers } from '../timers.ts'
import type { Journal } from './journal.ts'
import { MERGED_BYTES, mergeBatches } from './merge.ts'
import { beginAt } from './tail.ts'

/** How many rows are read from the store for one merged frame, in bytes: text merges to a small part of its rows. */
const READ_BYTES = 16 * MERGED_BYTES

/** How many merged frames are kept for viewers that follow the first, and for how long: they come together, or not at all. */
const SHARED_FRAMES = 4
const SHARED_MS = 1000

/** What comes after a cursor: a batch, nothing yet, or nothing that is still kept. */
export type Next = { readonly kind: 'batch'; readonly batch: Batch } | { readonly kind: 'head' } | { readonly kind: 'folded' }

const AT_HEAD: Next = { kind: 'head' }
const FOLDED: Next = { kind: 'folded' }

/**
 * Reads one journal for all its viewers. A viewer one batch behind gets the stored bytes; one further behind gets batches merged, and the
 * viewers that come the same way get the same frame.
 */
export class Feed {
  readonly #journal: Journal
  readonly #store: Store
  readonly #session: string
  readonly #timers: Timers
  readonly #shared = new Map<number, Promise<Next> | Next>()

  constructor(options: { readonly journal: Journal; readonly store: Store; readonly session: string; readonly timers: Timers }) {
    this.#journal = options.journal
    this.#store = options.store
    this.#session = options.session
    this.#timers = options.timers
  }

  /** The frame after a seq. At the head, or a little behind it, the answer is there at once. */
  next(after: number): Next | Promise<Next> {
    if (after >= this.#journal.head) return AT_HEAD
    const batches = this.#journal.tail.after(after)
    if (batches?.length === 1) return { kind: 'batch', batch: batches[0] }
    if (after < this.#journal.bounds.folded) return FOLDED
    const shared = this.#shared.get(after)
    if (shared !== undefined) return shared
    const next: Next | Promise<Next> =
      batches === undefined ? this.#read(after) : { kind: 'batch', batch: mergeBatches(this.#session, batches) }
    this.#share(after, next)
    return next
  }

  async #read(after: number): Promise<Next> {
    try {
      const batches = await this.#store.read(this.#session, after, READ_BYTES)
      // Rows may have been folded away since the check; what then comes first does not follow the cursor.
      return beginAt(batches, after + 1) ? { kind: 'batch', batch: mergeBatches(this.#session, batches) } : FOLDED
    } catch (error) {
      this.#shared.delete(after)
      throw error
    }
  }

  #share(after: number, next: Next | Promise<Next>): void {
    const [oldest] = this.#shared.keys()
    if (oldest !== undefined && this.#shared.size >= SHARED_FRAMES) this.#shared.delete(oldest)
    this.#shared.set(after, next)
    if (this.#shared.size === 1) this.#timers.setTimeout(() => this.#shared.clear(), SHARED_MS)
  }
}
