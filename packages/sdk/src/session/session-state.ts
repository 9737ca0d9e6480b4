import type { LastRun, OpenInterrupt, QueuedMessage, Run, SessionStatus, TranscriptMessage } from '../protocol/index.ts'
import type { SessionError } from '../errors.ts'

/** A message of the timeline; one that is not yet stored by the server is marked. */
export type SessionMessage = TranscriptMessage & {
  /** `sending`: on its way, or kept until there is a link; it settles by itself. */
  readonly pending?: 'sending'
}

/** What a view needs of a session. Immutable: what did not change keeps its identity from one state to the next. */
export interface SessionState {
  readonly status: SessionStatus
  /** How the last run ended; absent until one has. */
  readonly last?: LastRun
  readonly messages: readonly SessionMessage[]
  /** The runs of these messages; the last is the active one, or the one that ended last. */
  readonly runs: readonly Run[]
  readonly interrupts: readonly OpenInterrupt[]
  readonly queue: readonly QueuedMessage[]
  readonly agentState: unknown
  readonly custom: Readonly<Record<string, unknown>>
  /** Whether everything up to the head at the last attach has been applied. Losing a link does not change it. */
  readonly caughtUp: boolean
  /** Whether older messages can be had with `older()`. */
  readonly more: boolean
  /** Why this session is not followed any more; the others go on. Cleared by `retry()`. */
  readonly failure?: SessionError
}
