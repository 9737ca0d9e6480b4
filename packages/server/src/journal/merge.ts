import type { BatchFrame, SessionEvent } from '@throughline/sdk/protocol'
import type { Batch } from '../store/port.ts'
import { isPlainDelta, partOf, type Delta } from './delta.ts'
import { encodeBatch } from './encode-batch.ts'

/** How large a merged frame may become, in encoded bytes, unless one batch alone is larger. */
export const MERGED_BYTES = 64 * 1024

/** A merged frame never reaches past a multiple of this seq, so that viewers who fell behind at different places soon share their frames. */
const SEGMENT_EVENTS = 4096

/**
 * Merges batches that follow each other, as many of the first as fit one frame, into one that says the same with fewer events: deltas of
 * a part are joined up to the next event that is not a delta. It has the last one's mark and time. A single batch is left as it is.
 */
export function mergeBatches(session: string, batches: readonly [Batch, ...Batch[]]): Batch {
  const [first] = batches
  const merger = createMerger()
  let last: Batch | undefined
  for (const batch of batches) {
    const { events } = JSON.parse(batch.frame.toString()) as BatchFrame
    const bytes = merger.bytesWith(events)
    if (last !== undefined && bytes > MERGED_BYTES) break
    merger.add(events, bytes)
    last = batch
    if (segmentOf(batch.to) > segmentOf(first.from)) break
  }
  if (last === undefined || last === first) return first
  return encodeBatch({ session, from: first.from, to: last.to, mark: last.mark, at: last.at, events: merger.encoded() })
}

function segmentOf(seq: number): number {
  return Math.floor(seq / SEGMENT_EVENTS)
}

/** Events with the deltas of each part joined, up to the next event that is not a plain delta. */
export function mergeEvents(events: readonly SessionEvent[]): SessionEvent[] {
  const merger = createMerger()
  merger.add(events, 0)
  return merger.merged()
}

type Kept = { readonly kind: 'event'; readonly event: SessionEvent }
type Joined = { readonly kind: 'joined'; readonly delta: Delta; readonly texts: string[] }

function createMerger() {
  const out: (Kept | Joined)[] = []
  /** The joined deltas since the last event that was none, by part. */
  const open = new Map<string, Joined>()
  let bytes = 256

  function merged(): SessionEvent[] {
    return out.map((item) => (item.kind === 'joined' ? { ...item.delta, delta: item.texts.join('') } : item.event))
  }

  return {
    merged,
    encoded: (): string[] => merged().map((event) => JSON.stringify(event)),
    /** At most how large the frame becomes with these events, too. */
    bytesWith: (events: readonly SessionEvent[]): number => events.reduce((sum, event) => sum + bytesOf(event, open), bytes),
    /** `bytesWith`: what these events were measured to be, which is not done twice. */
    add(events: readonly SessionEvent[], bytesWith: number): void {
      bytes = bytesWith
      for (const event of events) {
        if (!isPlainDelta(event)) {
          open.clear()
          out.push({ kind: 'event', event })
          continue
        }
        const key = keyOf(event)
        const joined = open.get(key)
        if (joined === undefined) {
          const fresh: Joined = { kind: 'joined', delta: event, texts: [event.delta] }
          open.set(key, fresh)
          out.push(fresh)
        } else joined.texts.push(event.delta)
      }
    },
  }
}

function bytesOf(event: SessionEvent, open: ReadonlyMap<string, Joined>): number {
  const counted = isPlainDelta(event) && open.has(keyOf(event)) ? event.delta : event
  return Buffer.byteLength(JSON.stringify(counted))
}

function keyOf(delta: Delta): string {
  return `${delta.type} ${delta.subagentRunId ?? ''} ${partOf(delta)}`
}
