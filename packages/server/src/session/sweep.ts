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
  readonly isInUse: (session: string) => boolean
  /** Removes one session, and tells those who list it. */
  readonly expire: (record: SessionRecord) => Promise<void>
  /** A session could not be removed; the others are. */
  readonly onTrouble: (what: string, error: unknown) => void
}

/** Removes what is older than it may become, and forgets old command ids and tombstones. Answers how many sessions went. */
export async function sweep(start: SweepStart): Promise<number> {
  const { store, retention, now, onTrouble } = start
  await store.forget({ commands: now - COMMANDS_MS, tombstones: now - TOMBSTONES_MS })
  const youngest = Math.min(...[retention.closedMs, retention.openMs].filter((ageMs) => ageMs !== 'never'))
  if (!Number.isFinite(youngest)) return 0
  let count = 0
  let last: SessionRecord | undefined
  for (;;) {
    const looked = await store.stale(now - youngest + 1, LOOK_AT, last)
    for (const { record, open } of looked) {
      try {
        if (await expireWhereOld(record, open, start)) count += 1
      } catch (error) {
        onTrouble(`session ${record.id} is too old, and could not be removed`, error)
      }
    }
    last = looked.at(-1)?.record
    if (looked.length < LOOK_AT) return count
  }
}

async function expireWhereOld(record: SessionRecord, open: boolean, start: SweepStart): Promise<boolean> {
  const { store, retention, now, isInUse, expire } = start
  const isOld = ({ status, updatedAt }: SessionRecord) =>
    judgeAge({ status, updatedAt }, { open, inUse: isInUse(record.id), now }, retention) === 'expire'
  if (!isOld(record)) return false
  // It may have been used since the list was made.
  const found = await store.find(record.id)
  if (found.kind !== 'found' || !isOld(found.record)) return false
  await expire(found.record)
  return true
}
