import type { Timers } from '../timers.ts'

/** Waits for a token to run out; undefined never does. The answer stops waiting. */
export function awaitExpiry(expiresAt: number | undefined, timers: Timers, onExpired: () => void): () => void {
  if (expiresAt === undefined) return () => {}
  let timer: unknown
  sleep(expiresAt)

  // Asked again on waking: one timer may be too short for a far day, and timers stand still while the machine sleeps.
  function sleep(until: number): void {
    const leftMs = until - timers.now()
    if (leftMs <= 0) onExpired()
    else timer = timers.setTimeout(() => sleep(until), leftMs)
  }

  return () => timers.clearTimeout(timer)
}
