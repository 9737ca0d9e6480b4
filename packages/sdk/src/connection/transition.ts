import type { SessionError } from '../errors.ts'

/**
 * Where the client stands with its server.
 *
 * ```
 *          dial               welcome
 *   idle ────────▶ connecting ────────▶ live
 *     ▲  ◀─ rest ──┤  ▲                  │  the link is lost
 *     │            ▼  │ dial             ▼
 *     └───────── waiting, paused ◀───────┘        any ── close ──▶ closed ── reopen, if not by the app ──▶ idle
 * ```
 */
export type ConnectionState =
  /** Nothing needs a link. */
  | { readonly status: 'idle' }
  /** A link is being opened; `attempt` counts from 1 since one last held. */
  | { readonly status: 'connecting'; readonly attempt: number }
  | { readonly status: 'live' }
  /** The next attempt comes `at` (milliseconds since the epoch), or at the next wake signal. `reason`: how the last one ended. */
  | { readonly status: 'waiting'; readonly attempt: number; readonly at: number; readonly reason: SessionError }
  /** No attempts while the app is hidden, one each 30 s while offline. It is no error. */
  | { readonly status: 'paused'; readonly reason: 'hidden' | 'offline' }
  /** By the app (code `closed`), or for good by the server, e.g. `unauthorized`. */
  | { readonly status: 'closed'; readonly reason: SessionError }

/** What happens to a connection. */
export type ConnectionEvent =
  | { readonly type: 'dial'; readonly attempt: number }
  | { readonly type: 'welcome' }
  | { readonly type: 'wait'; readonly attempt: number; readonly at: number; readonly reason: SessionError }
  | { readonly type: 'pause'; readonly reason: 'hidden' | 'offline' }
  | { readonly type: 'rest' }
  | { readonly type: 'close'; readonly reason: SessionError }
  | { readonly type: 'reopen' }

/** The state before anything happened. */
export const IDLE: ConnectionState = { status: 'idle' }

/** The state after an event; the same object where the event changes nothing. */
export function transition(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  if (state.status === 'closed') return event.type === 'reopen' && state.reason.code !== 'closed' ? IDLE : state
  switch (event.type) {
    case 'dial':
      return { status: 'connecting', attempt: event.attempt }
    case 'welcome':
      return state.status === 'connecting' ? { status: 'live' } : state
    case 'wait': {
      const { attempt, at, reason } = event
      return state.status === 'idle' || (state.status === 'waiting' && state.at === at) ? state : { status: 'waiting', attempt, at, reason }
    }
    case 'pause':
      return state.status === 'paused' && state.reason === event.reason ? state : { status: 'paused', reason: event.reason }
    case 'rest':
      return state.status === 'idle' ? state : IDLE
    case 'close':
      return { status: 'closed', reason: event.reason }
    case 'reopen':
      return state
    default:
      return event satisfies never
  }
}
