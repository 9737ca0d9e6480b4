import type { LastRun, SessionStatus } from '../protocol/index.ts'
import type { Session } from '../session/session.ts'

/**
 * What a session has to say while nobody looks at it: `running`; `needs_you`: it waits for an answer; `finished`, `failed`: its last run ended
 * since it was looked at.
 */
export type Badge = 'running' | 'needs_you' | 'finished' | 'failed'

/** A session of the layout. Immutable: what did not change keeps its identity from one state to the next. */
export interface LayoutSession {
  readonly id: string
  readonly title?: string
  readonly agent?: string
  /** The app's own settings of this session and user, the same on all devices. */
  readonly settings?: unknown
  readonly status: SessionStatus
  readonly last?: LastRun
  readonly badge?: Badge
  /** What is typed and not sent yet; kept in this browser. */
  readonly draft: string
  /** The session itself, once it was active on this page: its `state` is there to be shown at once, also while it is paused. */
  readonly session?: Session
}

/** The open sessions of a user, as tabs or a side bar show them. */
export interface LayoutState {
  /** `loading`: the server has not said which sessions are open, which is not the same as none; what is here is what was kept. */
  readonly status: 'loading' | 'ready'
  /** In their order. */
  readonly sessions: readonly LayoutSession[]
  /** The one that is looked at. Absent where none is open. */
  readonly active?: string
}
