import type { Timers } from '../timers.ts'

const MINUTE_MS = 60_000

/** Allows so many a minute, all at once or spread. */
export interface Allowance {
  /** Takes one; where none is left it says after how many milliseconds there will be. */
  take(): number | undefined
  /** Whether it is as good as a new one. */
  isFull(): boolean
}

/** An allowance that refills evenly. */
export function allowance(perMinute: number, timers: Pick<Timers, 'now'>): Allowance {
  // Counted in parts of a piece, of which each millisecond gives `perMinute` and a piece costs a minute's worth: whole numbers, so that nothing is lost by rounding.
  const most = perMinute * MINUTE_MS
  let parts = most
  let at = timers.now()

  function refill(): void {
    const now = timers.now()
    parts = Math.min(most, parts + Math.min(Math.max(0, now - at), MINUTE_MS) * perMinute)
    at = now
  }

  return {
    take() {
      refill()
      if (parts < MINUTE_MS) return Math.ceil((MINUTE_MS - parts) / perMinute)
      parts -= MINUTE_MS
      return undefined
    },
    isFull() {
      refill()
      return parts === most
    },
  }
}

/** An allowance for each of many, by name. */
export interface RateLimit {
  /** Takes one of a name's; where none is left it says after how many milliseconds there will be. */
  take(name: string): number | undefined
}

/** Gives each name an allowance of its own, and forgets those that are full again. */
export function rateLimit(perMinute: number, timers: Pick<Timers, 'now'>): RateLimit {
  const allowances = new Map<string, Allowance>()
  let sweptAt = timers.now()

  function sweep(now: number): void {
    sweptAt = now
    for (const [name, one] of allowances) if (one.isFull()) allowances.delete(name)
  }

  return {
    take(name) {
      const now = timers.now()
      if (now - sweptAt >= MINUTE_MS) sweep(now)
      let one = allowances.get(name)
      if (one === undefined) allowances.set(name, (one = allowance(perMinute, timers)))
      return one.take()
    },
  }
}
