/**
 * What a claim to be a principal's only viewer of a session comes to. `new`: it was never seen, and takes the session from who came before it; `newest`: it
 * has the session already; `unclaimed`: there is none; `superseded`: another one followed it, or the viewer who has none.
 */
export type ClaimVerdict = 'new' | 'newest' | 'unclaimed' | 'superseded'

/** The claims of all sessions. They outlive the connections that brought them: who comes back must learn that somebody else took the session. */
export interface Claims {
  /** Judges a claim by the place of the attach that brought it first, whichever attach is answered first. */
  judge(session: string, principal: string, claim: string | undefined, order: number): ClaimVerdict
  /** The session is gone. */
  forget(session: string): void
}

/** How many claims of a principal to one session are remembered. An older one passes for new. */
const REMEMBERED_CLAIMS = 32

/** Of how many sessions, those that were claimed last; beyond these only of sessions that are in memory. */
const REMEMBERED_SESSIONS = 10_000

interface Claim {
  readonly claim: string
  readonly order: number
}

/** Begins without any. `isInMemory`: a session that is watched always is, and its claims decide who may go on to watch it. */
export function openClaims(isInMemory: (session: string) => boolean): Claims {
  // By session and principal, the newest last; the sessions, too.
  const sessions = new Map<string, Map<string, Claim[]>>()

  function claimsOf(session: string, principal: string): Claim[] {
    const principals = sessions.get(session) ?? new Map<string, Claim[]>()
    sessions.delete(session)
    sessions.set(session, principals)
    const claims = principals.get(principal) ?? []
    principals.set(principal, claims)
    return claims
  }

  /** Forgets the one that was claimed longest ago. Those that are spared go to the end, where they are not looked at again soon. */
  function makeRoom(): void {
    let looks = sessions.size
    for (const [session, principals] of sessions) {
      if (sessions.size <= REMEMBERED_SESSIONS || looks === 0) return
      looks -= 1
      sessions.delete(session)
      if (isInMemory(session)) sessions.set(session, principals)
    }
  }

  return {
    judge(session, principal, claim, order) {
      if (claim === undefined) {
        const newest = sessions.get(session)?.get(principal)?.at(-1)
        return newest !== undefined && newest.order > order ? 'superseded' : 'unclaimed'
      }
      const claims = claimsOf(session, principal)
      const isKnown = claims.some((other) => other.claim === claim)
      if (!isKnown) {
        claims.splice(claims.findLastIndex((other) => other.order < order) + 1, 0, { claim, order })
        if (claims.length > REMEMBERED_CLAIMS) claims.shift()
        makeRoom()
      }
      if (claims.at(-1)?.claim !== claim) return 'superseded'
      return isKnown ? 'newest' : 'new'
    },
    forget: (session) => void sessions.delete(session),
  }
}
