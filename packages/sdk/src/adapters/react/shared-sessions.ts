import type { Client, Session, Timers } from '../../index.ts'

/** Sessions that components share: each is followed as long as one of them shows it, and a while longer. */
export interface SharedSessions {
  /** The session of this id, if a component shows it or has just done so, or the app follows it. Changes nothing, so that a render may ask. */
  readonly peek: (client: Client, id: string | undefined) => Session | undefined
  /** Follows the session of this id, for `show` to let go of. */
  readonly follow: (client: Client, id: string) => void
  /** A component begins to show a session; what comes back ends it. The last to end it detaches what `follow` gave. */
  readonly show: (session: Session) => () => void
}

/** For so long a session that nobody shows is still followed, for those who look elsewhere for a moment and come back. */
export const LINGER_MS = 30_000

type Sessions = Map<string | undefined, Session>

interface Use {
  components: number
  /** Runs while no component shows the session. */
  timer?: unknown
  /** Where it is to be found. Absent where only the app may let go of it. */
  place?: Sessions | undefined
}

/** Begins to share sessions. */
export function shareSessions(timers: Timers): SharedSessions {
  const places = new WeakMap<Client, Sessions>()
  const uses = new WeakMap<Session, Use>()

  function count(session: Session, change: number, place?: Sessions): void {
    const use = uses.get(session) ?? { components: 0 }
    uses.set(session, use)
    use.components += change
    use.place ??= place
    timers.clearTimeout(use.timer)
    if (use.components === 0 && use.place) use.timer = timers.setTimeout(() => letGo(session, use.place), LINGER_MS)
  }

  function letGo(session: Session, place: Sessions | undefined): void {
    // Detaching would reject what still waits for a link. A pause does not, and says so.
    if (!session.pause()) return count(session, 0)
    if (place?.get(session.id) === session) place.delete(session.id)
    session.detach()
  }

  return {
    peek: (client, id) => (id === undefined ? undefined : (places.get(client)?.get(id) ?? client.followed(id))),
    follow: (client, id) => {
      const session = client.session(id)
      const place: Sessions = places.get(client) ?? new Map<string, Session>()
      places.set(client, place.set(id, session))
      count(session, 0, place)
    },
    show: (session) => {
      count(session, 1)
      return () => count(session, -1)
    },
  }
}
