import { Refusal } from './refusal.ts'

/** The refusal of a session that does not exist, or that somebody else has. */
export function notFound(id: string): Refusal {
  return new Refusal('session_not_found', `there is no session ${id.slice(0, 64)}`)
}

/** The refusal of a session that was swept. */
export function expired(id: string): Refusal {
  return new Refusal('session_expired', `session ${id} is gone: nothing happened in it for longer than it is kept`)
}
