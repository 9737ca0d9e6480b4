import type { LastRun } from '../protocol/session-entry.ts'
import type { Transcript } from '../protocol/transcript.ts'

/** How the run that ended last did so; undefined until one has. */
export function lastRunOf({ runs }: Transcript): LastRun | undefined {
  for (let index = runs.length - 1; index >= 0; index--) {
    const run = runs[index]
    if (run === undefined || run.state.status === 'running' || run.state.status === 'stopping') continue
    const { state } = run
    return { run: run.id, outcome: state.status, ...(state.status === 'error' && state.code !== undefined && { code: state.code }) }
  }
  return undefined
}
