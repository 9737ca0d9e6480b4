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

/** Pings the other side, and notices when it is gone. */
export interface Heartbeat {
  /** The other side gave a sign of life. */
  readonly beat: () => void
  readonly stop: () => void
}

/** Starts the heartbeat of one link. Deadlines are compared with clock readings: timers may come late. */
export function startHeartbeat({ timers, pingMs, deadMs, ping, onDead }: HeartbeatStart): Heartbeat {
  let aliveAt = timers.now()
  let pingAt = aliveAt + pingMs
  let pings = 0
  let timer: unknown
  sleep()

  function sleep(): void {
    const now = timers.now()
    // A clock that was set back must not make everything wait until it has caught up.
    aliveAt = Math.min(aliveAt, now)
    pingAt = Math.min(pingAt, now + pingMs)
    timer = timers.setTimeout(wake, Math.max(0, Math.min(pingAt, aliveAt + deadMs) - now))
  }

  function wake(): void {
    const now = timers.now()
    if (now >= aliveAt + deadMs) return onDead()
    if (now >= pingAt) {
      pingAt = now + pingMs
      ping(++pings)
    }
    sleep()
  }

  return {
    beat() {
      aliveAt = timers.now()
    },
    stop() {
      timers.clearTimeout(timer)
    },
  }
}
