/**
 * Why a run's signal aborted: `stopped`, somebody stopped the run, or the server shuts down; `abandoned`, its question went unanswered
 * because the conversation went on without it; `timeout`, it ran too long; `limit`, it said or kept too much; `agent_error`, it said
 * something that is no AG-UI event; `ended`, the run is over already.
 */
export type RunAbortedCode = 'stopped' | 'abandoned' | 'timeout' | 'limit' | 'agent_error' | 'ended'

/** The reason of an aborted run's signal, and what `ask()` then rejects with. */
export class RunAborted extends Error {
  override readonly name = 'RunAborted'
  readonly code: RunAbortedCode

  constructor(code: RunAbortedCode, message: string) {
    super(message)
    this.code = code
  }
}
