import type { Timers } from '../timers.ts'

const MINUTE_MS = 60_000

/** Allows so many a minute, all at once or spread. It refills evenly. */
export class Allowance {
  readonly #perMinute: number
  readonly #timers: Pick<Timers, 'now'>
  /** Parts of a piece, of which each millisecond gives `perMinute` and a piece costs a minute's worth: whole numbers, so that nothing is lost by rounding. */
  #parts: number
  #at: number

  constructor(perMinute: number, timers: Pick<Timers, 'now'>) {
    this.#perMinute = perMinute
    this.#timers = timers
    this.#parts = this.#most()
    this.#at = timers.now()
  }

  /** Takes one; where none is left it says after how many milliseconds there will be. */
  take(): number | undefined {
    this.#refill()
    if (this.#parts < MINUTE_MS) return Math.ceil((MINUTE_MS - this.#parts) / this.#perMinute)
    this.#parts -= MINUTE_MS
    return undefined
  }

  /** Whether it is as good as a new one. */
  isFull(): boolean {
    this.#refill()
    return this.#parts === this.#most()
  }

  #refill(): void {
    const now = this.#timers.now()
    const passedMs = Math.min(Math.max(0, now - this.#at), MINUTE_MS)
    this.#parts = Math.min(this.#most(), this.#parts + passedMs * this.#perMinute)
    this.#at = now
  }

  #most(): number {
    return this.#perMinute * MINUTE_MS
  }
}
