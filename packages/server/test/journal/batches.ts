import type { BatchFrame, SessionEvent } from '@throughline/sdk/protocol'
import { encodeBatch } from '../../src/journal/encode-batch.ts'
import { Merger } from '../../src/journal/merger.ts'
import type { Batch } from '../../src/store/port.ts'

/** A text delta of a message. */
export function text(delta: string, messageId = 'm1'): SessionEvent {
  return { type: 'TEXT_MESSAGE_CONTENT', messageId, delta }
}

/** Batches that follow each other, one an inner list, under marks that tell their place. */
export function batchesOf(lists: readonly (readonly SessionEvent[])[], session = 's1'): Batch[] {
  let head = 0
  return lists.map((events, index) => {
    const from = head + 1
    head += events.length
    return encodeBatch({
      session,
      from,
      to: head,
      mark: `mark${index}`.padEnd(10, '-'),
      at: index,
      events: events.map((event) => JSON.stringify(event)),
    })
  })
}

/** What a stored frame says. */
export function decode(batch: Batch): BatchFrame {
  return JSON.parse(batch.frame.toString()) as BatchFrame
}

/** What events come to in a merged frame. */
export function mergeEvents(events: readonly SessionEvent[]): SessionEvent[] {
  const merger = new Merger()
  for (const event of events) merger.add(event)
  return merger.encoded().map((json) => JSON.parse(json) as SessionEvent)
}
