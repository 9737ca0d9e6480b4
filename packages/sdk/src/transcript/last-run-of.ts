import type { LastRun, RunOutcome } from '../protocol/session-entry.ts'
import type { Transcript } from '../protocol/transcript.ts'
import { defined } from './defined.ts'
import { isUnderWay } from './draft.ts'

/** How the run that ended last did so; undefined until one has. */
export function lastRunOf({ runs }: Transcript): LastRun | undefined {
  const last = runs.findLast((run) => !isUnderWay(run))
  const { status, code } = (last?.state ?? {}) as { status: RunOutcome; code?: string }
  return last && defined<LastRun>({ run: last.id, outcome: status, code })
}
