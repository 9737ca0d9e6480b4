import type { Clock } from '../clock.ts'
import type { Connection } from '../connection/reconnect.ts'
import type { Log } from '../log.ts'
import type { SavedPort } from './saved-port.ts'

/** What the attachment of a session needs of its client. */
export interface LinkPort extends Pick<Connection, 'state' | 'isOpen' | 'send' | 'need' | 'repair' | 'progressed'> {
  readonly clock: Clock
  readonly random: () => number
  /** A new id. */
  readonly mint: () => string
  readonly log: () => Log
  /** Absent where nothing is saved. */
  readonly saved: SavedPort | undefined
}
