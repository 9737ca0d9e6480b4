import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { ClientFrame } from '../protocol/index.ts'

/** What the attachment of a session needs of the client's connection. */
export interface LinkPort {
  readonly clock: Clock
  readonly random: () => number
  /** A new id. */
  readonly mint: () => string
  readonly log: () => Log
  readonly isLive: () => boolean
  readonly send: (frame: ClientFrame) => void
  /** A link is wanted. */
  readonly need: () => void
  /** Closes the link, which is how everything is repaired. */
  readonly repair: (reason: string) => void
  /** The cursor moved. */
  readonly progressed: () => void
}
