import type { RunOutcome } from '@throughline/sdk/protocol'
import type { Ledger } from './ledger.ts'

/** How a run ended, as the embedding app learns it. */
export interface RunEnd {
  readonly session: string
  readonly run: string
  readonly outcome: RunOutcome
  readonly code?: string
  readonly message?: string
}

/** How a run of the ledger ended; undefined while it has not. */
export function runEndOf({ control }: Ledger, session: string, run: string): RunEnd | undefined {
  const state = control.runs.find(({ id }) => id === run)?.state
  if (state === undefined || state.status === 'running' || state.status === 'stopping') return undefined
  if (state.status !== 'error') return { session, run, outcome: state.status }
  return { session, run, outcome: 'error', message: state.message, ...(state.code !== undefined && { code: state.code }) }
}
