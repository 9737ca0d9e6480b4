import type { Agent } from '../agent/contract.ts'
import type { FollowedProjection } from '../journal/followed-projection.ts'
import type { Journal } from '../journal/journal.ts'
import type { RecordChange, Store } from '../store/port.ts'
import type { Timers } from '../timers.ts'
import { closersOf } from './closers-of.ts'
import { Commits } from './commits.ts'
import { historyOf } from './history.ts'
import { openLedger } from './ledger.ts'
import type { RunEnd } from './run-end.ts'
import { Runs } from './runs.ts'
import { titleOf } from './title-of.ts'

/** What the runs of a session are opened with. */
export interface OpenRunsStart {
  readonly session: string
  readonly store: Store
  readonly journal: Journal
  readonly projection: FollowedProjection
  readonly agent: Agent
  readonly timers: Timers
  readonly newId: () => string
  readonly runMs: number | undefined
  readonly hasTitle: () => boolean
  /** The catalogue row changed, and that is stored. */
  readonly onRecord: (change: RecordChange) => void
  /** An open interrupt's time is over. */
  readonly onExpired: (interrupt: string) => void
  /** A run ended, and that is stored. */
  readonly onRunEnd: (end: RunEnd) => void
  readonly onTrouble: (what: string, error: unknown) => void
}

/** Opens the runs of a session where its journal has left them. */
export async function openRuns(start: OpenRunsStart): Promise<Runs> {
  const { session, store, journal, projection, agent, timers, newId, runMs, hasTitle, onRecord, onExpired, onRunEnd, onTrouble } = start
  const { transcript } = await projection.get()
  const commits = new Commits({
    journal,
    ledger: openLedger(transcript),
    timers,
    titleFor: (events) => (hasTitle() ? undefined : titleOf(events)),
    onRecord,
    onExpired,
  })
  return new Runs({
    session,
    agent,
    journal,
    commits,
    timers,
    newId,
    runMs,
    history: async () => historyOf(await projection.get()),
    closers: (run) => closersOf(store, session, run, timers.now()),
    onRunEnd: (end) => {
      void projection.save()
      onRunEnd(end)
    },
    onTrouble,
  })
}
