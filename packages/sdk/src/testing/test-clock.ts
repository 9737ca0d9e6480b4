import type { Clock, Timers } from '../clock.ts'

/** Time that passes only when told to. */
export interface TestClock extends Clock {
  /** The timers alone, as the `timers` option takes them. */
  readonly timers: Timers
  /** How many timers are set. */
  readonly pending: number
  /** Lets time pass: fires what falls due, in order, each after everything that follows from the one before. */
  readonly advance: (durationMs: number) => Promise<void>
  /** Time passes, but the machine sleeps: no timer fires before the next `advance`, and then late. */
  readonly sleep: (durationMs: number) => void
  /** The clock is set ahead or, by less than 0, back: it reads another time, and timers take theirs all the same. */
  readonly set: (byMs: number) => void
  /** Lets everything happen that needs no time: all promises that can settle do. */
  readonly settle: () => Promise<void>
}

// A turn of the real event loop comes after every microtask, however many follow from each other.
const nextTurn = () => new Promise<void>((resolve) => void setTimeout(resolve, 0))

/**
 * Makes a clock for tests, which starts at the given time. `settle` waits until everything has happened that needs no time; a test that knows
 * what to wait for may do that sooner than a timer of the platform.
 */
export function testClock(startMs = 1_700_000_000_000, settle: () => Promise<void> = nextTurn): TestClock {
  const timers = new Map<number, { readonly at: number; readonly callback: () => void }>()
  let now = startMs
  let setMs = 0
  let count = 0

  const nextDue = (until: number) =>
    [...timers].filter(([, { at }]) => at <= until).toSorted(([a, one], [b, other]) => one.at - other.at || a - b)[0]

  const clock: Timers = {
    setTimeout: (callback, delayMs) => {
      timers.set(++count, { at: now + Math.max(0, delayMs), callback })
      return count
    },
    clearTimeout: (timer) => {
      timers.delete(timer as number)
    },
  }

  return {
    ...clock,
    timers: clock,
    now: () => now + setMs,
    get pending() {
      return timers.size
    },
    advance: async (durationMs) => {
      const until = now + durationMs
      await settle()
      for (let due = nextDue(until); due; due = nextDue(until)) {
        const [id, { at, callback }] = due
        timers.delete(id)
        now = Math.max(now, at)
        callback()
        await settle()
      }
      now = until
    },
    sleep: (durationMs) => {
      now += durationMs
    },
    set: (byMs) => {
      setMs += byMs
    },
    settle,
  }
}
