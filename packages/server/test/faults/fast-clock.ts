import type { Timers } from '../../src/timers.ts'

/** The machine's clock, so many times as fast: a deadline of 25 s is met after 2.5 s at a factor of 10. It can be set, as a machine's can. */
export interface FastClock extends Timers {
  /** Sets it by so many of its own milliseconds: forward, or back. Timers notice nothing. */
  readonly set: (ms: number) => void
}

/** Starts a clock at the time that it is. */
export function fastClock(factor: number): FastClock {
  const startedAt = Date.now()
  let setMs = 0
  return {
    now: () => startedAt + (performance.timeOrigin + performance.now() - startedAt) * factor + setMs,
    setTimeout: (callback, delayMs) => setTimeout(callback, delayMs / factor).unref(),
    clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
    set: (ms) => {
      setMs += ms
    },
  }
}
