import type { Session, SessionState } from '@throughline/sdk'
import { readable, type Readable } from 'svelte/store'

/** The state of a session as a store: `$state.messages` in a component. */
export function stateOf(session: Session): Readable<SessionState> {
  return readable(session.state, (set) => {
    set(session.state)
    return session.on('change', set)
  })
}
