import type { Timers } from '../timers.ts'
import type { Viewer } from './viewer.ts'

/** Up to how many viewers are pumped at once after each append; beyond, a tick gathers appends, so that fan-out costs less a token. */
const PROMPT_VIEWERS = 32

/** The longest tick. */
const LONGEST_TICK_MS = 40

/** All viewers of one session. */
export class Audience {
  readonly #viewers = new Set<Viewer>()
  readonly #timers: Timers
  #tick: unknown

  constructor(timers: Timers) {
    this.#timers = timers
  }

  get size(): number {
    return this.#viewers.size
  }

  add(viewer: Viewer): void {
    this.#viewers.add(viewer)
  }

  remove(viewer: Viewer): void {
    viewer.close()
    this.#viewers.delete(viewer)
  }

  /** The head moved: pumps all viewers, at once or at the next tick. */
  wake(): void {
    const { size } = this.#viewers
    if (size <= PROMPT_VIEWERS) this.#pumpAll()
    else this.#tick ??= this.#timers.setTimeout(() => this.#pumpAll(), Math.min(LONGEST_TICK_MS, Math.ceil(size / PROMPT_VIEWERS)))
  }

  /** Closes all viewers. */
  clear(): void {
    this.#timers.clearTimeout(this.#tick)
    this.#tick = undefined
    for (const viewer of this.#viewers) viewer.close()
    this.#viewers.clear()
  }

  #pumpAll(): void {
    this.#tick = undefined
    for (const viewer of this.#viewers) viewer.pump()
  }
}
