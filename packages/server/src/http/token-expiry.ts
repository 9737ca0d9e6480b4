import type { Timers } from '../timers.ts'

/** Waits for a token to run out; undefined never does. The answer stops waiting. It never calls back before it has returned. */
export function awaitExpiry(expiresAt: number | undefined, timers: Timers, onExpired: () => void): () => void {
  if (expiresAt === undefined) return neverExpires
  let timer: unknown
  sleep(expiresAt)

  function sleep(until: number): void {
    timer = timers.setTimeout(() => wake(until), Math.max(0, until - timers.now()))
  }

  // Asked again on waking: one timer may be too short for a far day, and timers stand still while the machine sleeps.
  function wake(until: number): void {
    if (timers.now() >= until) onExpired()
    else sleep(until)
  }

  return () => timers.clearTimeout(timer)
}

function neverExpires(): void {}
