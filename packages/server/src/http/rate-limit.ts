import type { Timers } from '../timers.ts'
import { Allowance } from './allowance.ts'

/** After how long those that are full again are forgotten. */
const SWEEP_MS = 60_000

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
      if (now - sweptAt >= SWEEP_MS) sweep(now)
      let one = allowances.get(name)
      if (one === undefined) allowances.set(name, (one = new Allowance(perMinute, timers)))
      return one.take()
    },
  }
}
