import type { CommandFrame, Cursor, DetachReason, ResetReason } from './protocol/index.ts'
import type { WakeNews } from './wake/wake-source.ts'

/** What happened, in the order it happened: enough to draw a link, its sessions and their repairs over time. */
export type LogEntry =
  /** A socket is about to be opened. */
  | { readonly type: 'dial'; readonly attempt: number }
  | { readonly type: 'welcome'; readonly node: string; readonly principal: string }
  /** The link is gone. A code of 1000 is our own close; `reason` then names the repair. */
  | { readonly type: 'lost'; readonly code: number; readonly reason: string }
  /** The next dial is `ms` away, unless a wake signal cuts the wait. */
  | { readonly type: 'wait'; readonly ms: number; readonly attempt: number }
  /** The server goes down soon. */
  | { readonly type: 'bye'; readonly reason: string; readonly retryMs: number }
  | { readonly type: 'wake'; readonly signal: WakeNews }
  /** A wake signal made us ask the link for a sign of life. */
  | { readonly type: 'probe' }
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

/** One entry of the client's log, with its time in milliseconds since the epoch. */
export type LogRecord = LogEntry & { readonly at: number }

/** Takes log entries. It is absent where nobody listens, so that `log?.({…})` costs nothing then. */
export type Log = ((entry: LogEntry) => void) | undefined
