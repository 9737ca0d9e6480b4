import type { Lease } from './port.ts'

/** The leases of a store that one process has for itself. They end with the process; only the fences must grow beyond it. */
export class Leases {
  readonly #now: () => number
  readonly #held = new Map<string, Lease>()
  #fence: number

  /** `fence` is one that no fence of an earlier process reached. */
  constructor(now: () => number, fence: number) {
    this.#now = now
    this.#fence = fence
  }

  take(session: string, node: string, ttlMs: number): Lease | undefined {
    const held = this.#held.get(session)
    const now = this.#now()
    if (held !== undefined && held.node !== node && held.until > now) return undefined
    const fence = held?.node === node ? held.fence : (this.#fence += 1)
    const lease: Lease = { node, fence, until: now + ttlMs }
    this.#held.set(session, lease)
    return lease
  }

  /** Whether `fence` is the newest of the session and was not given back. A lease that ran out still counts until somebody takes it. */
  holds(session: string, fence: number): boolean {
    return this.#held.get(session)?.fence === fence
  }

  release(session: string, node: string): void {
    if (this.#held.get(session)?.node === node) this.#held.delete(session)
  }

  /** Voids the lease of a session that is no more. */
  drop(session: string): void {
    this.#held.delete(session)
  }
}
