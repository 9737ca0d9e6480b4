import type { SessionEvent } from '@throughline/sdk/protocol'
import type { Batch } from '../store/port.ts'
import { encodeBatch } from './encode-batch.ts'
import { Merger } from './merger.ts'

/** How large a merged frame may become, in encoded bytes, unless one batch alone is larger. */
export const MERGED_BYTES = 64 * 1024

/** A merged frame ends with the batch that crosses a multiple of this seq, so that viewers who fell behind at different places soon share their frames. */
const SEGMENT_EVENTS = 4096

/**
 * Merges batches that follow each other, as many of the first as fit one frame, into one that says the same with fewer events: deltas of
 * a part are joined up to the next event that is not a delta. It has the last one's mark and time. A single batch is left as it is.
 */
export function mergeBatches(session: string, batches: readonly [Batch, ...Batch[]]): Batch {
  const [first] = batches
  const merger = new Merger()
  let last: Batch | undefined
  for (const [batch, events] of parsed(batches)) {
    // Its own bytes are the most that it adds, and include a frame's head and end.
    if (last !== undefined && merger.bytes + batch.frame.length > MERGED_BYTES) break
    for (const event of events) merger.add(event)
    last = batch
    if (segmentOf(batch.to) > segmentOf(first.from)) break
  }
  if (last === undefined || last === first) return first
  return encodeBatch({ session, from: first.from, to: last.to, mark: last.mark, at: last.at, events: merger.encoded() })
}

function segmentOf(seq: number): number {
  return Math.floor(seq / SEGMENT_EVENTS)
}

/** How many bytes are parsed at once: what does not merge fills a frame with so many, and parsing what comes after would be for nothing. */
const PARSED_BYTES = MERGED_BYTES

const EVENTS = Buffer.from('"events":')
const COMMA = Buffer.from(',')

/** Batches with their events, parsed by the dozen: a call of the parser for each, which is most often a token, would take longer than its work. */
function* parsed(batches: readonly Batch[]): Iterable<readonly [Batch, readonly SessionEvent[]]> {
  for (let from = 0; from < batches.length;) {
    const lists: Buffer[] = []
    let bytes = 0
    let to = from
    for (let batch = batches[to]; batch !== undefined && bytes < PARSED_BYTES; batch = batches[to]) {
      // Inside a JSON text no quote is bare, so the first match is the field itself.
      const list = batch.frame.subarray(batch.frame.indexOf(EVENTS) + EVENTS.length, -'}'.length)
      lists.push(list, COMMA)
      bytes += list.length
      to += 1
    }
    lists.pop()
    const events = JSON.parse(`[${Buffer.concat(lists).toString()}]`) as (readonly SessionEvent[])[]
    for (const [index, list] of events.entries()) {
      const batch = batches[from + index]
      if (batch !== undefined) yield [batch, list]
    }
    from = to
  }
}
