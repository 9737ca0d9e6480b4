import type { ResetReason } from '@throughline/sdk/protocol'
import { BACKLOG_BYTES, judgeCursor, judgeMark } from '../journal/attach-verdict.ts'
import type { Journal } from '../journal/journal.ts'
import type { Projection } from '../journal/projection.ts'
import type { Store } from '../store/port.ts'

/** Where a viewer begins: after a seq that its cursor proves, or after a snapshot that is still to be made. */
export type Place = { readonly kind: 'resume'; readonly after: number } | { readonly kind: 'reset'; readonly reason: ResetReason }

/** What finding a place needs of a session. */
export interface PlaceSources {
  readonly store: Store
  readonly session: string
  readonly journal: Journal
  readonly projection: () => Promise<Projection>
}

/** Finds the place for a cursor. It stays right while the journal grows, but not once rows after it are folded away. */
export async function findPlace(cursor: string | undefined, sources: PlaceSources): Promise<Place> {
  const { store, session, journal } = sources
  const judged = judgeCursor(cursor, journal.bounds)
  // Who was away for a moment finds its place in memory.
  const kept = judged.kind === 'compare' ? journal.tail.endingAt(judged.seq) : undefined
  const verdict =
    judged.kind === 'compare' ? judgeMark(judged.seq, judged.mark, kept?.mark ?? (await store.markAt(session, judged.seq))) : judged
  if (verdict.kind === 'reset' || verdict.after === journal.bounds.head) return verdict
  const backlogBytes = kept?.bytesAfter ?? (await store.bytesAfter(session, verdict.after))
  if (backlogBytes <= BACKLOG_BYTES) return verdict
  const projection = await sources.projection()
  const { json } = await projection.snapshot()
  return backlogBytes <= json.length ? verdict : { kind: 'reset', reason: 'backlog_too_large' }
}
