import type { Timers } from '../timers.ts'

/** What a heartbeat works with. */
export interface HeartbeatStart {
  readonly timers: Timers
  readonly pingMs: number
  /** After how long without a sign of life the other side counts as dead. */
  readonly deadMs: number
  readonly ping: (n: number) => void
  readonly onDead: () => void
}

/** Pings the other side of one link, and notices when it is gone. Deadlines are compared with clock readings: timers may come late. */
export class Heartbeat {
  readonly #start: HeartbeatStart
  #aliveAt: number
  #pingAt: number
  #pings = 0
  #timer: unknown

  constructor(start: HeartbeatStart) {
    this.#start = start
    this.#aliveAt = start.timers.now()
    this.#pingAt = this.#aliveAt + start.pingMs
    this.#sleep()
  }

  /** The other side gave a sign of life. */
  beat(): void {
    this.#aliveAt = this.#start.timers.now()
  }

  stop(): void {
    this.#start.timers.clearTimeout(this.#timer)
  }

  #sleep(): void {
    const { timers, pingMs, deadMs } = this.#start
    const now = timers.now()
    // A clock that was set back must not make everything wait until it has caught up.
    this.#aliveAt = Math.min(this.#aliveAt, now)
    this.#pingAt = Math.min(this.#pingAt, now + pingMs)
    this.#timer = timers.setTimeout(() => this.#wake(), Math.max(0, Math.min(this.#pingAt, this.#aliveAt + deadMs) - now))
  }

  #wake(): void {
    const { timers, pingMs, deadMs, ping, onDead } = this.#start
    const now = timers.now()
    if (now >= this.#aliveAt + deadMs) return onDead()
    if (now >= this.#pingAt) {
      this.#pingAt = now + pingMs
      this.#pings += 1
      ping(this.#pings)
    }
    this.#sleep()
  }
}
