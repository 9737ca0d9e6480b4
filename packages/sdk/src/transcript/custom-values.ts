import type { EventOf } from '../protocol/events.ts'
import { isRecord } from '../protocol/shape.ts'
import { CUSTOM_NAMES, type DataPart } from '../protocol/transcript.ts'
import { addPart, editPart, type Draft } from './draft.ts'
import { told } from './told.ts'

/** An app's own event: its last value is kept by name, and one with an `id` has its place in the timeline. */
export function foldCustom(draft: Draft, event: EventOf<'CUSTOM'>): void {
  const { name, value, timestamp } = event
  const { transcript } = draft
  // The newest goes to the end. (JavaScript keeps names that are whole numbers in front, so those are dropped first.)
  const others = Object.entries(transcript.custom).filter(([other]) => other !== name)
  // fromEntries makes an own property of any name, `__proto__` too.
  transcript.custom = Object.fromEntries([...others.slice(1 - CUSTOM_NAMES), [name, value]])
  if (!isRecord(value)) return
  const id = value['id'] as string
  if (!editPart(draft, 'data', id, (part) => part.name === name && { value }))
    addPart(draft, told<DataPart>({ subagentRunId: event.subagentRunId }, { type: 'data', id, name, value }), timestamp)
}
