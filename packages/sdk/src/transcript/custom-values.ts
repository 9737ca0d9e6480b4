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

/** What values that were kept weigh together: to weigh them all again for each event would cost more than all else in it. */
const weights = new WeakMap<Custom, number>()

/** The values with one more, which goes to the end. While there are too many, or too large ones, the one that was set longest ago goes. */
function withNewest(before: Custom, newest: Entry): Custom {
  const all: Entry[] = Object.entries(before)
  const kept = all.filter(([name]) => name !== newest[0])
  const replaced = all.filter(([name]) => name === newest[0])
  let bytes = (weights.get(before) ?? weigh(all)) - weigh(replaced) + weigh([newest])
  kept.push(newest)
  // (JavaScript keeps names that are whole numbers in front, so those are dropped first.)
  while (kept.length > CUSTOM_NAMES || (bytes > CUSTOM_BYTES && kept.length > 1)) bytes -= weigh(kept.splice(0, 1))
  // fromEntries makes an own property of any name, `__proto__` too.
  const custom = Object.fromEntries(kept)
  weights.set(custom, bytes)
  return custom
}

function weigh(entries: readonly Entry[]): number {
  return entries.reduce((bytes, entry) => bytes + utf8Bytes(JSON.stringify(entry)), 0)
}
