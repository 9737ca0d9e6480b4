import type { EventOf, OwnEvent } from '../protocol/events.ts'
import { isRecord } from '../protocol/shape.ts'
import { CUSTOM_NAMES, type DataPart } from '../protocol/transcript.ts'
import { addPart, findPart, write, writePart, type Draft } from './draft.ts'
import { atOf, textsOf } from './event-fields.ts'
import { foldOwnEvent } from './own-events.ts'

/** One of Throughline's own events, or an app's: its last value is kept by name, and one with an `id` has its place in the timeline. */
export function foldCustom(draft: Draft, event: EventOf<'CUSTOM'>): void {
  if (event.name.startsWith('throughline/')) return foldOwnEvent(draft, event as OwnEvent)
  if (event.value === undefined) return
  keepLast(draft, event.name, event.value)
  showData(draft, event)
}

/** The last value goes to the end. (JavaScript keeps names that are whole numbers in front, so those are the first to be dropped.) */
function keepLast(draft: Draft, name: string, value: unknown): void {
  const others = Object.entries(draft.transcript.custom).filter(([other]) => other !== name)
  // fromEntries makes an own property of any name, `__proto__` too.
  write(draft).custom = Object.fromEntries([...others.slice(1 - CUSTOM_NAMES), [name, value]])
}

function showData(draft: Draft, event: EventOf<'CUSTOM'>): void {
  const { name, value } = event
  const id = isRecord(value) ? value['id'] : undefined
  if (typeof id !== 'string') return
  const place = findPart(draft, (part): part is DataPart => part.type === 'data' && part.name === name && part.id === id)
  if (place === undefined) addPart(draft, { type: 'data', id, name, value, ...textsOf(event, { subagent: 'subagentRunId' }) }, atOf(event))
  else writePart(draft, place).value = value
}
