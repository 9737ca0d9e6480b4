import type { CommandFrame } from '../protocol/index.ts'
import type { SessionErrorCode } from '../errors.ts'
import type { Replica } from './replica.ts'

/** A command as it is kept until it is settled. */
export interface SavedCommand {
  readonly frame: CommandFrame
  /** When it was given, in milliseconds since the epoch, and its place among those of one page. */
  readonly at: number
  readonly order: number
  /** Why it will not be sent again; it is kept until the app has been told. */
  readonly error?: { readonly code: SessionErrorCode; readonly message: string }
}

/** What sessions and the outbox need of saved state. Nothing in it rejects: what cannot be saved is not. */
export interface SavedPort {
  /** Reads what is saved of a session and calls back where there is something. Resolves when that is done, or has taken too long to wait for. */
  readonly load: (session: string, found: (replica: Replica) => void) => Promise<void>
  /** The replica changed; it is saved soon. */
  readonly changed: (session: string, replica: () => Replica) => void
  /** The session is not followed any more: what changed is saved now. */
  readonly leave: (session: string) => void
  /** Keeps a command. Resolves when it is kept, or has taken too long to wait for. */
  readonly put: (command: SavedCommand) => Promise<void>
  readonly drop: (command: string) => void
  /** Whether a command is kept still: where not, another tab has settled it. True where that cannot be said. */
  readonly isKept: (command: string) => Promise<boolean>
}
