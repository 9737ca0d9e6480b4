/** The clock of a server, injected so that tests need not wait. */
export interface Timers {
  /** Milliseconds since the epoch. */
  now(): number
  setTimeout(callback: () => void, delayMs: number): unknown
  clearTimeout(timer: unknown): void
}

/** The machine's own clock. Its timers do not keep a process alive. */
export const systemTimers: Timers = {
  now: () => Date.now(),
  setTimeout: (callback, delayMs) => setTimeout(callback, Math.min(delayMs, 2_147_483_647)).unref(),
  clearTimeout: (timer) => clearTimeout(timer as NodeJS.Timeout),
}
