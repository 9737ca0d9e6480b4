import type { Clock } from '../clock.ts'
import type { Connection } from '../connection/reconnect.ts'
import type { Log } from '../log.ts'

/** What the attachment of a session needs of its client. */
export interface LinkPort extends Pick<Connection, 'state' | 'send' | 'need' | 'repair' | 'progressed'> {
  readonly clock: Clock
  readonly random: () => number
  /** A new id. */
  readonly mint: () => string
  readonly log: () => Log
}
