import { EMPTY_TRANSCRIPT, formatCursor, parseCursor } from '../protocol/index.ts'
import type { AttachedFrame, BatchFrame, Cursor, Snapshot, Transcript, TranscriptMessage } from '../protocol/index.ts'
import { applyEvents } from '../transcript/apply-events.ts'

/** The client's copy of a session: a transcript, and the cursor it is valid through. The two only ever change together. */
export interface Replica {
  /** Absent until the first snapshot. */
  readonly cursor?: Cursor
  /** The seq of the cursor: the last one that was applied. */
  readonly seq: number
  /** Whether there are older messages, to be had by page. */
  readonly more: boolean
  readonly transcript: Transcript
}

/** What came of applying a frame to a replica. */
export type ApplyVerdict =
  | { readonly kind: 'applied'; readonly replica: Replica }
  /** Everything in the frame had been applied before. */
  | { readonly kind: 'duplicate' }
  /** The frame does not begin where the replica ends. */
  | { readonly kind: 'gap' }
  /** The frame cannot be made part of the replica. */
  | { readonly kind: 'damage'; readonly cause: unknown }

/** The replica of a session of which nothing is known yet. */
export const BLANK_REPLICA: Replica = { seq: 0, more: false, transcript: EMPTY_TRANSCRIPT }

/** Applies a frame, whole or not at all. */
export function applyFrame(replica: Replica, frame: AttachedFrame | BatchFrame): ApplyVerdict {
  try {
    if (frame.type === 'batch') return applyBatch(replica, frame)
    if (!frame.resumed) return { kind: 'applied', replica: fromSnapshot(replica, frame.snapshot) }
    return replica.cursor === undefined ? { kind: 'gap' } : { kind: 'applied', replica }
  } catch (cause) {
    return { kind: 'damage', cause }
  }
}

function applyBatch({ cursor, seq, more, transcript }: Replica, { from, to, mark, events }: BatchFrame): ApplyVerdict {
  if (to <= seq) return { kind: 'duplicate' }
  // A merged batch cannot be cut, so one that begins before the cursor and ends after it is a gap, too.
  if (from !== seq + 1 || cursor === undefined) return { kind: 'gap' }
  return {
    kind: 'applied',
    replica: { cursor: formatCursor(mark, to), seq: to, more, transcript: applyEvents(transcript, events) },
  }
}

function fromSnapshot({ more, transcript: before }: Replica, { cursor, ...snapshot }: Snapshot): Replica {
  const parsed = parseCursor(cursor)
  if (parsed === undefined) throw new TypeError(`the snapshot's cursor is none: ${cursor}`)
  const [first] = snapshot.transcript.messages
  const older = first ? before.messages.findIndex(({ id }) => id === first.id) : -1
  const after = { cursor, seq: parsed.seq, more: snapshot.more, transcript: snapshot.transcript }
  // Pages that were read before the window of this snapshot still stand before it: whatever rewinds a session takes its end.
  return older > 0 ? { ...withOlder(after, before.messages.slice(0, older)), more } : after
}

/** The replica with older messages before its own. Its cursor stays: they say nothing about the end. */
export function withOlder(replica: Replica, messages: readonly TranscriptMessage[]): Replica {
  return { ...replica, transcript: { ...replica.transcript, messages: [...messages, ...replica.transcript.messages] } }
}
