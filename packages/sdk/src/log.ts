import type { Transport, TransportReason } from './connection/choose-transport.ts'
import type { SessionErrorCode } from './errors.ts'
import type { CommandFrame, Cursor, DetachReason, RefusalCode, ResetReason } from './protocol/index.ts'
import type { WakeNews } from './wake/wake-source.ts'

/** What happened, in the order it happened: enough to draw a link, its sessions and their repairs over time. */
export type LogEntry =
  /** A link is about to be opened, over this transport. */
  | { readonly type: 'dial'; readonly attempt: number; readonly transport: Transport }
  /**
   * From now on links run over this transport: dials over the other got no answer (`unanswered`) or its links `died_young`, its code could not be loaded
   * (`not_loaded`), or a WebSocket tried on the side was welcome (`works_again`).
   */
  | { readonly type: 'transport'; readonly transport: Transport; readonly why: TransportReason }
  /** The socket is open: hello and the attaches leave together. A stream opens again whenever it is renewed, which is no dial. */
  | { readonly type: 'open' }
  | { readonly type: 'welcome'; readonly node: string; readonly principal: string }
  /**
   * The link is gone. A code of 1000 is our own close; `reason` then says why: `silent` for too long, a probe was `unanswered`, found `stale` on
   * waking, `gap` or `damaged` events, the fresh token is of another `principal`, a WebSocket `works_again`, or what was wrong with a frame.
   */
  | { readonly type: 'lost'; readonly code: number; readonly reason: string }
  /** The next dial is `ms` away, unless a wake signal cuts the wait. */
  | { readonly type: 'wait'; readonly ms: number; readonly attempt: number }
  /** The server goes down soon. */
  | { readonly type: 'bye'; readonly reason: string; readonly retryMs: number }
  | { readonly type: 'wake'; readonly signal: WakeNews }
  /** The link was asked for a sign of life, after a wake signal or a timer that came late. */
  | { readonly type: 'probe' }
  /**
   * It answered the probe of a wake signal, `ms` after it was asked. Without an answer in 2 s, or before a spare is open, it is `lost` as `unanswered`.
   */
  | { readonly type: 'answer'; readonly ms: number }
  /**
   * Nothing came for 150 ms after a probe, so a second socket was `dialled`. `taken`: it was open first, and the next link runs over it; `dropped`: it
   * was not needed, or waited for 5 s; `failed`: it did not open, or broke.
   */
  | { readonly type: 'spare'; readonly outcome: 'dialled' | 'taken' | 'dropped' | 'failed' }
  /**
   * The token before it expires: a fresh one was `sent` over the link and `accepted`, or `refused` since it is somebody else's; `missing`: the app gave
   * none, so the link will be closed as expired and dialled anew.
   */
  | { readonly type: 'token'; readonly outcome: 'sent' | 'accepted' | 'refused' | 'missing' }
  /** An HTTP call failed; `status` where there was an answer. What became of the call is its rejection. */
  | { readonly type: 'http'; readonly method: string; readonly path: string; readonly status?: number; readonly code: SessionErrorCode }
  | { readonly type: 'attach'; readonly session: string; readonly cursor?: Cursor | undefined }
  | {
      readonly type: 'attached'
      readonly session: string
      readonly resumed: boolean
      readonly reason?: ResetReason
      readonly head: number
      /** The seq that the replica stands at now. */
      readonly seq: number
    }
  /** The attach was refused; with `retryMs` it goes out again after that time and a back-off, without it the session has failed. */
  | { readonly type: 'unattached'; readonly session: string; readonly code: RefusalCode; readonly retryMs?: number }
  /** Applied. `merged`: deltas of several events came as one, so `events` is less than `to - from + 1`. */
  | {
      readonly type: 'batch'
      readonly session: string
      readonly from: number
      readonly to: number
      readonly events: number
      readonly merged: boolean
      readonly replayed: boolean
    }
  /** Dropped: everything in it had been applied. */
  | { readonly type: 'duplicate'; readonly session: string; readonly from: number; readonly to: number }
  /** Events are missing between `seq`, where the replica stands, and `from`. */
  | { readonly type: 'gap'; readonly session: string; readonly seq: number; readonly from: number }
  /** A frame of the session could not be decoded or folded. */
  | { readonly type: 'damage'; readonly session: string; readonly fault: string }
  | { readonly type: 'detached'; readonly session: string; readonly reason: DetachReason }
  /** A command left for the first time, or again after an `attached`. */
  | { readonly type: 'send' | 'resend'; readonly session: string; readonly id: string; readonly command: CommandFrame['type'] }
  /** A command is settled: by its answer, or by its own event in the journal. */
  | { readonly type: 'settled'; readonly id: string; readonly by: 'accepted' | 'refused' | 'event' }
  /** What was saved of the session is shown, up to this seq; the server's word follows. */
  | { readonly type: 'painted'; readonly session: string; readonly seq: number }
  /** The storage failed; the client goes on without saved state. Told once. */
  | { readonly type: 'unsaved'; readonly reason: string }

/** One entry of the client's log, with its time in milliseconds since the epoch. */
export type LogRecord = LogEntry & { readonly at: number }

/** Takes log entries. It is absent where nobody listens, so that `log?.({…})` costs nothing then. */
export type Log = ((entry: LogEntry) => void) | undefined
