import type { Clock } from '../clock.ts'

/** A wait that is read from the clock, since timers sleep with the machine. */
export interface Countdown {
  /** Begins anew. */
  readonly start: (ms: number) => void
  /** How much of it is left; 0 when it is over. */
  readonly leftMs: () => number
}

/** Makes a wait that is over. A clock that is set back makes one begin again, but never last until the clock has caught up. */
export function countdown(clock: Pick<Clock, 'now'>): Countdown {
  let from = 0
  let lengthMs = 0
  return {
    start: (ms) => {
      from = clock.now()
      lengthMs = ms
    },
    leftMs: () => {
      from = Math.min(from, clock.now())
      return Math.max(0, from + lengthMs - clock.now())
    },
  }
}
