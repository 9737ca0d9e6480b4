/** Timers, as a platform has them. What `setTimeout` returns is only ever given back to `clearTimeout`. */
export interface Timers {
  setTimeout(callback: () => void, delayMs: number): unknown
  clearTimeout(timer: unknown): void
}

/** Time as the client reads it. Deadlines are compared with `now()`, since timers sleep with the machine. */
export interface Clock extends Timers {
  /** Milliseconds since the epoch. */
  now(): number
}
