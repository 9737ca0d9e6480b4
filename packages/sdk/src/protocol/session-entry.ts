/** What a session does now. */
export type SessionStatus = 'idle' | 'running' | 'waiting' | 'stopping'

/** How a run ended. */
export type RunOutcome = 'success' | 'interrupt' | 'cancelled' | 'error'

/** How the last run ended, and which it was. */
export interface LastRun {
  readonly run: string
  readonly outcome: RunOutcome
  /** Of an error: `agent_error`, `interrupted`, `timeout`, `limit`, or the agent's own. */
  readonly code?: string
}

/** A session as lists show it. */
export interface SessionEntry {
  readonly id: string
  /** The app's own name for it, unique for a principal. */
  readonly key?: string
  readonly title?: string
  readonly agent?: string
  readonly status: SessionStatus
  readonly last?: LastRun
  /** Whether it is in the layout of this principal. */
  readonly open: boolean
  /** Where it stands in the layout; lower first. */
  readonly position: number
  /** The app's own settings of this session and principal. */
  readonly settings?: unknown
  /** Milliseconds since the epoch; as `updatedAt`, which upkeep never changes. */
  readonly createdAt: number
  readonly updatedAt: number
}
