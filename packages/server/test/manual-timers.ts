import type { Timers } from '../src/timers.ts'

/** A clock that stands until it is moved. */
export interface ManualTimers extends Timers {
  /** Moves the clock, and lets everything happen that is due meanwhile, in order. */
  advance(ms: number): Promise<void>
  /** Moves the clock at once, as when a machine slept: what is due meanwhile does not happen. */
  jump(ms: number): void
  /** How many timers are set. */
  waiting(): number
}

/** Timers for tests: time passes when the test says so. */
export function manualTimers(startMs = 1_700_000_000_000): ManualTimers {
  let now = startMs
  let lastId = 0
  const due = new Map<number, { readonly at: number; readonly callback: () => void }>()
  return {
    now: () => now,
    setTimeout: (callback, delayMs) => {
      lastId += 1
      due.set(lastId, { at: now + delayMs, callback })
      return lastId
    },
    clearTimeout: (timer) => void due.delete(timer as number),
    waiting: () => due.size,
    jump: (ms) => {
      now += ms
    },
    async advance(ms) {
      const end = now + ms
      for (;;) {
        const [next] = [...due].filter(([, { at }]) => at <= end).toSorted(([, one], [, other]) => one.at - other.at)
        if (next === undefined) break
        const [id, { at, callback }] = next
        due.delete(id)
        now = Math.max(now, at)
        callback()
        await turn()
      }
      now = end
      await turn()
    },
  }
}

/** Lets everything happen that is ready to. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
}
