import type { ResetReason } from '@throughline/sdk/protocol'
import { BACKLOG_BYTES, judgeCursor, judgeMark } from '../journal/attach-verdict.ts'
import type { Journal } from '../journal/journal.ts'
import type { EncodedSnapshot } from '../journal/projection.ts'
import type { Store } from '../store/port.ts'

/** Where a viewer begins: after a seq that its cursor proves, or after a snapshot. */
export type Place =
  | { readonly kind: 'resume'; readonly after: number }
  | { readonly kind: 'reset'; readonly reason: ResetReason; readonly snapshot: EncodedSnapshot }

/** What finding a place needs of a session. */
export interface PlaceSources {
  readonly store: Store
  readonly session: string
  readonly journal: Journal
  readonly snapshot: () => Promise<EncodedSnapshot>
}

/** Finds the place for a cursor. It stays right while the journal grows, but not once rows after it are folded away. */
export async function findPlace(cursor: string | undefined, sources: PlaceSources): Promise<Place> {
  const { store, session, journal } = sources
  const judged = judgeCursor(cursor, journal.bounds)
  // Who was away for a moment finds its place in memory.
  const kept = judged.kind === 'compare' ? journal.tail.endingAt(judged.seq) : undefined
  const verdict =
    judged.kind === 'compare' ? judgeMark(judged.seq, judged.mark, kept?.mark ?? (await store.markAt(session, judged.seq))) : judged
  if (verdict.kind === 'reset') return resetPlace(verdict.reason, sources)
  if (verdict.after === journal.bounds.head) return verdict
  const backlogBytes = kept?.bytesAfter ?? (await store.bytesAfter(session, verdict.after))
  if (backlogBytes <= BACKLOG_BYTES) return verdict
  const snapshot = await sources.snapshot()
  if (backlogBytes <= snapshot.json.length) return verdict
  return { kind: 'reset', reason: 'backlog_too_large', snapshot }
}

/** The place after a fresh snapshot. */
export async function resetPlace(reason: ResetReason, { snapshot }: Pick<PlaceSources, 'snapshot'>): Promise<Place> {
  return { kind: 'reset', reason, snapshot: await snapshot() }
}
