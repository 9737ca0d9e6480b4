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
  const eachMs = MINUTE_MS / perMinute
  let left = perMinute
  let at = timers.now()

  function refill(): void {
    const now = timers.now()
    left = Math.min(perMinute, left + Math.max(0, now - at) / eachMs)
    at = now
  }

  return {
    take() {
      refill()
      if (left < 1) return Math.ceil((1 - left) * eachMs)
      left -= 1
      return undefined
    },
    isFull() {
      refill()
      return left === perMinute
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
