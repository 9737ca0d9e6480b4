import type { Session, SessionState } from '@throughline/sdk'
import { createSignal, onCleanup, type Accessor } from 'solid-js'

/** The state of a session: `<For each={state().messages}>` renders what changed, since the rest are the same objects. */
export function stateOf(session: Session): Accessor<SessionState> {
  const [state, setState] = createSignal(session.state)
  onCleanup(session.on('change', setState))
  return state
}
