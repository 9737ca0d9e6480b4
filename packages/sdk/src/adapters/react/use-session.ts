import type { Client, Session, SessionState } from '../../index.ts'
import { isClosed } from './is-closed.ts'
import { shareSessions } from './shared-sessions.ts'
import { useSelected, type Changing } from './use-selected.ts'

const { peek, follow, show } = shareSessions(globalThis)

const session: Changing<Client | Session, SessionState> = {
  blank: {
    status: 'idle',
    messages: [],
    runs: [],
    interrupts: [],
    queue: [],
    agentState: undefined,
    custom: {},
    caughtUp: false,
    more: false,
  },
  getState: (source, id) => sessionOf(source, id)?.state ?? session.blank,
  subscribe: (source, listener, id) => {
    if (id !== undefined && !isSession(source) && !isClosed(source)) follow(source, id)
    const shown = sessionOf(source, id)
    if (!shown) return () => {}
    const end = show(shown)
    const stop = shown.subscribe(listener)
    return () => {
      stop()
      end()
    }
  },
}

type Select<Selected> = (state: SessionState) => Selected
type IsEqual<Selected> = (one: Selected, other: Selected) => boolean

/**
 * Follows a session for as long as a component shows it, and 30 s longer. Components that show the same one share it. Where there
 * is no id yet, and until the session is known, its state is blank, with `caughtUp` false.
 */
export function useSession(client: Client, id: string | undefined): SessionState
/** The same; the component renders again only when what it selects has changed: another value, or a list or object of others. */
export function useSession<Selected>(
  client: Client,
  id: string | undefined,
  select: Select<Selected>,
  isEqual?: IsEqual<Selected>,
): Selected
/** The state of a session that the app itself follows, and detaches. */
export function useSession(session: Session): SessionState
/** What a component needs of it. */
export function useSession<Selected>(session: Session, select: Select<Selected>, isEqual?: IsEqual<Selected>): Selected
export function useSession(source: Client | Session, ...rest: readonly unknown[]): unknown {
  const [id, select, isEqual] = (isSession(source) ? [undefined, ...rest] : rest) as [string?, Select<unknown>?, IsEqual<unknown>?]
  return useSelected(session, source, select, isEqual, id)
}

function sessionOf(source: Client | Session, id: string | undefined): Session | undefined {
  return isSession(source) ? source : peek(source, id)
}

function isSession(source: Client | Session): source is Session {
  return 'getState' in source
}
