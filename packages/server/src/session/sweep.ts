import type { SessionRecord, Store } from '../store/port.ts'
import { judgeAge, type Retention } from './sweep-verdict.ts'

/** How long command ids are remembered. */
const COMMANDS_MS = 7 * 24 * 60 * 60 * 1000

/** How long a swept session's id answers `session_expired`. */
const TOMBSTONES_MS = 30 * 24 * 60 * 60 * 1000

/** How many sessions are looked at in one go. */
const LOOK_AT = 200

/** What a sweep works on. */
export interface SweepStart {
  readonly store: Store
  readonly retention: Retention
  readonly now: number
  /** Removes one session, unless it was used since it was looked at, and tells those who list it. Answers whether it went. */
  readonly expire: (record: SessionRecord, open: boolean) => Promise<boolean>
  /** A session could not be removed; the others are. */
  readonly onTrouble: (what: string, error: unknown) => void
}

/** Removes what is older than it may become, and forgets old command ids and tombstones. Answers how many sessions went. */
export async function sweep({ store, retention, now, expire, onTrouble }: SweepStart): Promise<number> {
  await store.forget({ commands: now - COMMANDS_MS, tombstones: now - TOMBSTONES_MS })
  const youngest = Math.min(...[retention.closedMs, retention.openMs].filter((ageMs) => ageMs !== 'never'))
  if (!Number.isFinite(youngest)) return 0
  let count = 0
  let last: SessionRecord | undefined
  for (;;) {
    const looked = await store.stale(now - youngest + 1, LOOK_AT, last)
    for (const { record, open } of looked) {
      try {
        if (judgeAge(record, { open, now }, retention) === 'expire' && (await expire(record, open))) count += 1
      } catch (error) {
        onTrouble(`session ${record.id} is too old, and could not be removed`, error)
      }
    }
    last = looked.at(-1)?.record
    if (looked.length < LOOK_AT) return count
  }
}
