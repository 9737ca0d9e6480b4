import type { SessionErrorCode } from '../errors.ts'

/** The codes after which a session is out of reach for good: nothing of it is kept, and nothing will be sent to it. */
const GONE: ReadonlySet<SessionErrorCode> = new Set(['session_not_found', 'session_expired', 'forbidden'])

/** Whether a failure says that the session is out of reach for good, for this user. */
export function isGone({ code }: { readonly code: SessionErrorCode }): boolean {
  return GONE.has(code)
}
