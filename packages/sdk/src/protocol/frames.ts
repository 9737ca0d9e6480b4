import type { Cursor, Mark } from './cursor.ts'
import type { RunOptions, SentMessage, SessionEvent } from './events.ts'
import type { Limits } from './limits.ts'
import type { RefusalCode } from './refusals.ts'
import type { SessionEntry } from './session-entry.ts'
import type { Snapshot } from './transcript.ts'

/** Opens a link: the first frame, within ten seconds. */
export interface HelloFrame {
  readonly type: 'hello'
  readonly token?: string
  readonly client: { readonly name: string; readonly version: string }
  /**
   * Of an event stream: `false` asks for an answer that ends as soon as it has something new, for networks that pass on an answer only when it is
   * whole. @default true
   */
  readonly hold?: boolean
}

/** Watches a session, from a cursor or afresh. */
export interface AttachFrame {
  readonly type: 'attach'
  readonly id: string
  readonly session: string
  readonly cursor?: Cursor
  /**
   * A claim to be the only viewer of this principal, minted when the app asks for it and repeated by every later attach: a new one ends the others, and
   * one that another has followed is superseded itself.
   */
  readonly exclusive?: string
}

/** Stops watching a session. The run goes on. */
export interface DetachFrame {
  readonly type: 'detach'
  readonly session: string
}

/** What a send does where the session is busy. */
export type WhenBusy = 'queue' | 'refuse' | 'interrupt'

/** Gives a session a message: it starts a run, or waits for its turn. */
export interface SendFrame {
  readonly type: 'send'
  /** The command's id and, where there is a message, the message's. */
  readonly id: string
  readonly session: string
  /** Left out to regenerate the answer that `replaces` names. */
  readonly message?: SentMessage
  /** @default 'queue' */
  readonly whenBusy?: WhenBusy
  readonly input?: RunOptions
  /** The first message that goes: the old user message of an edit, or the answer of a regenerate. */
  readonly replaces?: string
}

/** Answers an open interrupt. */
export interface AnswerFrame {
  readonly type: 'answer'
  readonly id: string
  readonly session: string
  readonly interrupt: string
  readonly status: 'resolved' | 'cancelled'
  readonly payload?: unknown
}

/**
 * Stops an execution, named by one of its runs or by a message that waits. Filled in at the click, so that a stop that arrives
 * late cannot end a later run.
 */
export interface StopFrame {
  readonly type: 'stop'
  readonly id: string
  readonly session: string
  readonly run?: string
  readonly message?: string
  /** Takes back everything that waits, too. */
  readonly queue?: true
}

/** Takes back a message that waits. */
export interface UnqueueFrame {
  readonly type: 'unqueue'
  readonly id: string
  readonly session: string
  readonly message: string
}

/** Asks for the directory: the sessions of this principal, and from then on their changes. */
export interface WatchFrame {
  readonly type: 'watch'
}

/** A fresh token of the same principal, before the old one expires. */
export interface TokenFrame {
  readonly type: 'token'
  readonly id: string
  readonly token: string
}

/** Asks the other side for a sign of life; the server's says what it has sent. */
export interface PingFrame {
  readonly type: 'ping'
  readonly n: number
}

/** The sign of life asked for. */
export interface PongFrame {
  readonly type: 'pong'
  readonly n: number
}

/** A command: a frame with an effect on the session, at most one an id, answered by `accepted` or `refused`. */
export type CommandFrame = SendFrame | AnswerFrame | StopFrame | UnqueueFrame

/** A frame from client to server. */
export type ClientFrame = HelloFrame | AttachFrame | DetachFrame | CommandFrame | WatchFrame | TokenFrame | PingFrame | PongFrame

/** How safe stored events are. */
export type Durability = 'memory' | 'disk' | 'replicated'

/** The answer to `hello`. */
export interface WelcomeFrame {
  readonly type: 'welcome'
  readonly node: string
  readonly principal: string
  /** When the token expires, in milliseconds since the epoch. */
  readonly expiresAt?: number
  readonly pingMs: number
  readonly limits: Limits
  readonly durability: Durability
}

/** Why an attach answered with a snapshot instead of what lies after the cursor. */
export type ResetReason = 'no_cursor' | 'backlog_too_large' | 'cursor_too_old' | 'cursor_ahead' | 'mark_mismatch' | 'cursor_invalid'

/** The answer to `attach`, one atomic step with it; batches after the cursor, or after the snapshot's, follow. */
export type AttachedFrame = {
  readonly type: 'attached'
  /** The attach that is answered. */
  readonly id: string
  readonly session: string
  /** The last seq of the journal: never a cursor, since nothing up to it has been applied yet. */
  readonly head: number
} & ({ readonly resumed: true } | { readonly resumed: false; readonly reason: ResetReason; readonly snapshot: Snapshot })

/** Events that follow each other without a hole; the stored bytes are the sent bytes. */
export interface BatchFrame {
  readonly type: 'batch'
  readonly session: string
  readonly from: number
  readonly to: number
  readonly mark: Mark
  /** When it was stored, in milliseconds since the epoch. Never read by the fold. */
  readonly at: number
  /** As many as `to - from + 1`, or fewer where deltas were merged. */
  readonly events: readonly SessionEvent[]
}

/** What an accepted command did, by the command's type. */
export interface CommandResults {
  readonly send: { readonly run: string } | { readonly queued: number } | { readonly answered: true }
  readonly answer: { readonly run?: string }
  readonly stop: { readonly stopped: boolean; readonly reason?: 'not_running' }
  readonly unqueue: { readonly removed: boolean }
}

/** What an accepted command did. */
export type CommandResult = CommandResults[keyof CommandResults]

/** What a token that was taken is good for: `expiresAt` as in the welcome. */
export interface TokenResult {
  readonly expiresAt?: number
}

/** A command took effect, and the effect is stored; or a token was taken. */
export interface AcceptedFrame {
  readonly type: 'accepted'
  readonly id: string
  readonly result: CommandResult | TokenResult
}

/** A frame was refused, and had no effect. With `retryMs` it may be sent again after that time. */
export interface RefusedFrame {
  readonly type: 'refused'
  readonly id?: string
  readonly session?: string
  readonly code: RefusalCode
  readonly message: string
  readonly retryMs?: number
}

/** Why a server ended a watch. */
export type DetachReason = 'superseded' | 'deleted' | 'forbidden' | 'expired' | 'store'

/** The server ended the watch of one session; the link stays. */
export interface DetachedFrame {
  readonly type: 'detached'
  /** The attach whose watch it was. */
  readonly id?: string
  readonly session: string
  readonly reason: DetachReason
}

/** The answer to `watch`, and every later change: first the open sessions and the newest 50, then what changed. */
export interface DirectoryFrame {
  readonly type: 'directory'
  readonly sessions: readonly SessionEntry[]
  /** Sessions that this principal can no longer see. */
  readonly gone?: readonly string[]
  /** There is more to tell than one frame holds: another follows, and only the last of them makes it whole. */
  readonly more?: boolean
}

/** A server's ping says, for each attached session, the last seq it handed to this link. */
export interface ServerPingFrame extends PingFrame {
  readonly sent: Readonly<Record<string, number>>
}

/** The node goes down: come back elsewhere. */
export interface ByeFrame {
  readonly type: 'bye'
  readonly reason: string
  readonly retryMs: number
}

/** The last frame of an event stream, which has no close codes of its own: where a WebSocket would be closed with this code. */
export interface ClosedFrame {
  readonly type: 'closed'
  readonly code: number
  readonly reason: string
}

/** A frame from server to client. */
export type ServerFrame =
  | WelcomeFrame
  | AttachedFrame
  | BatchFrame
  | AcceptedFrame
  | RefusedFrame
  | DetachedFrame
  | DirectoryFrame
  | ServerPingFrame
  | PongFrame
  | ByeFrame
  | ClosedFrame
