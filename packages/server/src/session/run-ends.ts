import { Listeners } from '../store/listeners.ts'
import type { Timers } from '../timers.ts'
import type { Log } from './host-options.ts'
import type { RunEnd } from './run-end.ts'

/** Tells the embedding app of the runs that end, in all sessions. */
export class RunEnds {
  readonly #log: Log | undefined
  readonly #listeners: Listeners<[RunEnd]>

  constructor(log: Log | undefined) {
    this.#log = log
    this.#listeners = new Listeners((error) => log?.error({ err: error }, 'a runEnd listener threw'))
  }

  /** Calls back for each run that ends; the answer stops it. */
  add(listener: (end: RunEnd) => void): () => void {
    return this.#listeners.add(listener)
  }

  /** A run ended, and that is stored. */
  tell(end: RunEnd): void {
    this.#log?.info({ ...end }, 'run ended')
    this.#listeners.tell(end)
  }

  /** Settles when no run is left, `graceMs` later at the latest. */
  async last(isAnyLeft: () => boolean, graceMs: number, timers: Timers): Promise<void> {
    if (graceMs <= 0 || !isAnyLeft()) return
    await new Promise<void>((resolve) => {
      const timer = timers.setTimeout(() => done(), graceMs)
      const stop = this.add(() => {
        if (!isAnyLeft()) done()
      })
      const done = () => {
        timers.clearTimeout(timer)
        stop()
        resolve()
      }
    })
  }
}
