import type { EventOf } from '../protocol/events.ts'
import { isRecord } from '../protocol/shape.ts'
import { CUSTOM_BYTES, CUSTOM_NAMES, type DataPart, type Transcript } from '../protocol/transcript.ts'
import { utf8Bytes } from '../utf8-bytes.ts'
import { addPart, editPart, type Draft } from './draft.ts'
import { told } from './told.ts'

/** An app's own event: its last value is kept by name, and one with an `id` has its place in the timeline. */
export function foldCustom(draft: Draft, event: EventOf<'CUSTOM'>): void {
  const { name, value, timestamp } = event
  draft.transcript.custom = withNewest(draft.transcript.custom, [name, value])
  if (!isRecord(value)) return
  const id = value['id'] as string
  if (!editPart(draft, 'data', id, (part) => part.name === name && { value }))
    addPart(draft, told<DataPart>({ subagentRunId: event.subagentRunId }, { type: 'data', id, name, value }), timestamp)
}

type Custom = Transcript['custom']
type Entry = readonly [name: string, value: unknown]

/** The values with one more, which goes to the end. Where there are too many, or too large ones, those that were set longest ago go. */
function withNewest(before: Custom, newest: Entry): Custom {
  // (JavaScript keeps names that are whole numbers in front, so those are dropped first.)
  const kept = [...Object.entries(before).filter(([name]) => name !== newest[0]), newest].slice(-CUSTOM_NAMES)
  let bytes = 0
  const tooMany = kept.findLastIndex((entry) => (bytes += utf8Bytes(JSON.stringify(entry))) > CUSTOM_BYTES)
  // fromEntries makes an own property of any name, `__proto__` too.
  return Object.fromEntries(kept.slice(Math.min(tooMany + 1, kept.length - 1)))
}
