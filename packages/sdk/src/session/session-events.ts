import type { SessionError } from '../errors.ts'
import type { ResetReason, SessionEvent } from '../protocol/index.ts'
import type { SessionState } from './session-state.ts'
import type { UnsentCommand } from './unsent.ts'

/** What a session tells its listeners. */
export interface SessionEvents {
  /** The state changed: once a batch. */
  change: [state: SessionState]
  /** Something happened: each event at most once, after the state has it. `replayed`: it happened before this client watched. */
  event: [event: SessionEvent, at: { readonly seq: number; readonly replayed: boolean }]
  /** A snapshot took the place of the events that led to it; those are not told. */
  reset: [reason: ResetReason]
  /** The session is not followed any more; `retry()` tries again. */
  failure: [error: SessionError]
  /**
   * A command of an earlier page was refused, or waited for a day and did not take effect: here is what was typed. What was given on this page
   * rejects instead. Each is told once, in one tab, to the first listener, whenever that comes.
   */
  unsent: [command: UnsentCommand]
}
