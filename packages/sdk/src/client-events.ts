import type { ConnectionState } from './connection/transition.ts'
import type { LogRecord } from './log.ts'
import type { SessionEntry } from './protocol/index.ts'

/** What a client tells its listeners. */
export interface ClientEvents {
  state: [state: ConnectionState]
  /** The directory changed; only after `watch()`. Undefined: it is not known any more, since another user is signed in now. */
  directory: [entries: readonly SessionEntry[] | undefined]
  /** An open session was closed or deleted, here or on another device; only after `watch()` or `restore()`. */
  closed: [session: string]
  /** The server has said whose token it is, or the app in its `user` option; or it is another's now: nothing of the one before is left. */
  principal: [principal: string]
  /** What happened on the wire, for those who want to look. Costs nothing where nobody listens. */
  log: [record: LogRecord]
  /** A listener threw, or the server refused something that no call is waiting for. */
  error: [error: unknown]
}
