/**
 * What a claim to be a principal's only viewer of a session comes to. `new`: it was never seen, and takes the session from the others; `newest`: it
 * has the session already; `superseded`: another one followed it.
 */
export type ClaimVerdict = 'new' | 'newest' | 'superseded'

/** The claims of all sessions. They outlive the connections that brought them: who comes back must learn that somebody else took the session. */
export interface Claims {
  judge(session: string, principal: string, claim: string): ClaimVerdict
  /** The session is gone. */
  forget(session: string): void
}

/** How many claims of a principal to one session are remembered. An older one passes for new. */
const REMEMBERED_CLAIMS = 32

/** Of how many sessions, those that were claimed last. */
const REMEMBERED_SESSIONS = 10_000

/** Begins without any. */
export function openClaims(): Claims {
  // By session and principal, the newest last; the sessions, too.
  const sessions = new Map<string, Map<string, string[]>>()

  function claimsOf(session: string, principal: string): string[] {
    const principals = sessions.get(session) ?? new Map<string, string[]>()
    sessions.delete(session)
    sessions.set(session, principals)
    const [oldest] = sessions.keys()
    if (oldest !== undefined && sessions.size > REMEMBERED_SESSIONS) sessions.delete(oldest)
    const claims = principals.get(principal) ?? []
    principals.set(principal, claims)
    return claims
  }

  return {
    judge(session, principal, claim) {
      const claims = claimsOf(session, principal)
      if (claims.at(-1) === claim) return 'newest'
      if (claims.includes(claim)) return 'superseded'
      claims.push(claim)
      if (claims.length > REMEMBERED_CLAIMS) claims.shift()
      return 'new'
    },
    forget: (session) => void sessions.delete(session),
  }
}
