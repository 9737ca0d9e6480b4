import type { CommandFrame } from '../protocol/index.ts'
import type { SessionError, SessionErrorCode } from '../errors.ts'
import type { Replica } from './replica.ts'
import type { UnsentCommand } from './unsent.ts'

/** A command as it is kept until it is settled. */
export interface SavedCommand {
  readonly frame: CommandFrame
  /** When it was given, in milliseconds since the epoch, and its place among those of one page. */
  readonly at: number
  readonly order: number
  /** Why it will not be sent again. */
  readonly error?: { readonly code: SessionErrorCode; readonly message: string }
  /** An app has been told of the error; the record stays a while for tabs that hold the command still, and must not send it any more. */
  readonly told?: true
}

/** A command that waits on this page. */
export interface WaitingCommand extends SavedCommand {
  /** By an earlier page: no app holds its promise. */
  readonly isRestored: boolean
}

/** What is to become of a command that waits, once its session has caught up. */
export type CommandVerdict =
  | { readonly kind: 'send' }
  /** It took effect, as another tab has sent it: it goes, however old it is, since it has the same answer again. */
  | { readonly kind: 'resend' }
  /** It cannot be said now: it is asked again when the session has caught up next. */
  | { readonly kind: 'wait' }
  /** Of an earlier page: it took effect, or another tab has settled it. */
  | { readonly kind: 'settled' }
  /** Here, or in another tab, an app is told so. */
  | { readonly kind: 'rejected'; readonly error: SessionError }

/** What sessions and the outbox need of saved state. Nothing in it rejects: what cannot be saved is not. */
export interface SavedPort {
  /** Reads what is saved of a session and calls back where there is something. Resolves when that is done, or has taken too long to wait for. */
  readonly load: (session: string, found: (replica: Replica) => void) => Promise<void>
  /** The replica changed; it is saved soon. */
  readonly changed: (session: string, replica: () => Replica) => void
  /** The session is not followed any more: what changed is saved now. */
  readonly leave: (session: string) => void
  /** Keeps a command. Resolves when it is kept, or has taken too long to wait for: then it may go. */
  readonly put: (command: SavedCommand) => Promise<CommandVerdict>
  /** The command is settled. Resolves as `put`. What is asked of one command is done in the order in which it was asked. */
  readonly drop: (command: string) => Promise<void>
  /**
   * Says what is to become of a command: another tab may have settled it meanwhile. `past` is given of one that is too old to be sent, but may have
   * been: what its session shows. Where nothing can be said in time: `wait` of such a one, else `send`.
   */
  readonly check: (command: WaitingCommand, past: Replica | undefined) => Promise<CommandVerdict>
  /** A command of an earlier page will not be sent: that is kept until an app has been told. Resolves as `put`. */
  readonly reject: (command: SavedCommand, error: SessionError) => Promise<void>
  /** Tells what of a session will not be sent: each command once, in one tab. `listener` says whether anybody heard it. */
  readonly tell: (session: string, listener: (unsent: UnsentCommand) => boolean) => void
}
