import type { SessionRecord } from '../store/port.ts'

/** After how many milliseconds without anything happening a session goes; `never` keeps it. */
export interface Retention {
  /** Idle, and in nobody's layout. @default 24 h */
  readonly closedMs: number | 'never'
  /** Idle, and open; or waiting for an answer. @default 90 days */
  readonly openMs: number | 'never'
}

/** The retention unless a host is told otherwise. */
export const RETENTION: Retention = { closedMs: 24 * 60 * 60 * 1000, openMs: 90 * 24 * 60 * 60 * 1000 }

/** What becomes of a session when the sweep, or somebody who looks it up, comes by. */
export type SweepVerdict = 'keep' | 'expire'

/** Judges one session that nobody uses. What runs or waits in a queue is kept, however old. */
export function judgeAge(
  { status, updatedAt }: Pick<SessionRecord, 'status' | 'updatedAt'>,
  facts: { readonly open: boolean; readonly now: number },
  retention: Retention,
): SweepVerdict {
  if (status === 'running' || status === 'stopping') return 'keep'
  const ageMs = facts.open || status === 'waiting' ? retention.openMs : retention.closedMs
  return ageMs !== 'never' && facts.now - updatedAt >= ageMs ? 'expire' : 'keep'
}
