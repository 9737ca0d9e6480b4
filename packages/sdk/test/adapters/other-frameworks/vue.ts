import type { Session, SessionState } from '@throughline/sdk'
import { onScopeDispose, shallowRef, type ShallowRef } from 'vue'

/** The state of a session, for a component's setup: `state.messages` in its template. */
export function stateOf(session: Session): Readonly<ShallowRef<SessionState>> {
  const state = shallowRef(session.state)
  onScopeDispose(
    session.on('change', (next) => {
      state.value = next
    }),
  )
  return state
}
