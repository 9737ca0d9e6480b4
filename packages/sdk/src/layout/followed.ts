import type { Client } from '../client.ts'
import type { Timers } from '../clock.ts'
import type { Session } from '../session/session.ts'

/** The sessions that were active on this page. One that is no longer is paused after a while. */
export interface Followed {
  readonly get: (id: string) => Session | undefined
  /** Gives a session, watched from now on. */
  readonly follow: (id: string) => Session
  /** After a while, watches a session no longer. While its commands wait it is asked again later. */
  readonly rest: (id: string) => void
  readonly letGo: (id: string) => void
  readonly letAllGo: () => void
}

/** Begins without any. */
export function followSessions(client: Client, timers: Timers, idleMs: number): Followed {
  const sessions = new Map<string, Session>()
  const idle = new Map<string, unknown>()

  function rest(id: string): void {
    stay(id)
    const timer = timers.setTimeout(() => {
      if (sessions.get(id)?.pause() === false) rest(id)
      else idle.delete(id)
    }, idleMs)
    idle.set(id, timer)
  }

  function stay(id: string): void {
    timers.clearTimeout(idle.get(id))
    idle.delete(id)
  }

  function letGo(id: string): void {
    stay(id)
    sessions.get(id)?.detach()
    sessions.delete(id)
  }

  return {
    get: (id) => sessions.get(id),
    follow: (id) => {
      stay(id)
      // The client gives the same one, unless the app has detached it.
      const session = client.session(id)
      sessions.set(id, session)
      return session
    },
    rest,
    letGo,
    letAllGo: () => {
      for (const id of [...sessions.keys(), ...idle.keys()]) letGo(id)
    },
  }
}
