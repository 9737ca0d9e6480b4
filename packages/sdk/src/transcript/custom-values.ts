import type { EventOf } from '../protocol/events.ts'
import { isRecord } from '../protocol/shape.ts'
import { CUSTOM_NAMES, type DataPart } from '../protocol/transcript.ts'
import { addPart, defined, editPart, findPart, type Draft } from './draft.ts'

/** An app's own event: its last value is kept by name, and one with an `id` has its place in the timeline. */
export function foldCustom(draft: Draft, event: EventOf<'CUSTOM'>): void {
  const { name, value, timestamp: at, subagentRunId: subagent } = event
  const { transcript } = draft
  if (value === undefined) return
  // The newest goes to the end. (JavaScript keeps names that are whole numbers in front, so those are dropped first.)
  const others = Object.entries(transcript.custom).filter(([other]) => other !== name)
  // fromEntries makes an own property of any name, `__proto__` too.
  transcript.custom = Object.fromEntries([...others.slice(1 - CUSTOM_NAMES), [name, value]])
  if (!isRecord(value) || typeof value['id'] !== 'string') return
  const { id } = value as { id: string }
  const place = findPart(draft, 'data', id, undefined, (part) => part.id === id && part.name === name)
  if (place === undefined) addPart(draft, defined<DataPart>({ type: 'data', id, name, value, at, subagent }))
  else editPart(draft, place, { value })
}
