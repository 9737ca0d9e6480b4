import { parseCursor, type Mark, type ResetReason } from '@throughline/sdk/protocol'
import type { JournalBounds } from '../store/port.ts'

/** A backlog up to this size is sent as it is; a larger one only where it is no larger than the snapshot. */
export const BACKLOG_BYTES = 2 * 1024 * 1024

/** Whether a cursor can be served from the journal: from which seq, or why not. */
export type CursorVerdict =
  | { readonly kind: 'resume'; readonly after: number }
  | { readonly kind: 'reset'; readonly reason: ResetReason }
  /** It depends on the mark of the kept batch that ends at `seq`. */
  | { readonly kind: 'compare'; readonly seq: number; readonly mark: Mark }

/** Judges a cursor by what the journal keeps. The cursor of another journal, or of one that lost something, never matches. */
export function judgeCursor(cursor: string | undefined, bounds: JournalBounds): CursorVerdict {
  if (cursor === undefined) return { kind: 'reset', reason: 'no_cursor' }
  const parsed = parseCursor(cursor)
  if (parsed === undefined) return { kind: 'reset', reason: 'cursor_invalid' }
  const { mark, seq } = parsed
  if (seq > bounds.head) return { kind: 'reset', reason: 'cursor_ahead' }
  if (seq < bounds.folded) return { kind: 'reset', reason: 'cursor_too_old' }
  if (seq === bounds.head) return judgeMark(seq, mark, bounds.mark)
  if (seq === bounds.folded) return judgeMark(seq, mark, bounds.foldedMark)
  return { kind: 'compare', seq, mark }
}

/** Judges a cursor's mark by the one that the journal has at that seq; undefined where no batch ends there. */
export function judgeMark(seq: number, mark: Mark, kept: Mark | undefined): Exclude<CursorVerdict, { kind: 'compare' }> {
  return mark === kept ? { kind: 'resume', after: seq } : { kind: 'reset', reason: 'mark_mismatch' }
}
