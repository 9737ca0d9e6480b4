import type { Timers } from '../timers.ts'

/** Does something again and again, `pauseMs` after it was done, until what comes back is called. It must not reject. */
export function goRounds(go: () => Promise<void>, pauseMs: number, timers: Timers): () => void {
  let isOver = false
  let timer: unknown

  function pause(): void {
    timer = timers.setTimeout(() => void round(), pauseMs)
  }

  async function round(): Promise<void> {
    await go()
    // It may have been stopped while it went.
    if (!isOver) pause()
  }

  pause()
  return () => {
    isOver = true
    timers.clearTimeout(timer)
  }
}
