import type { EventOf } from '../protocol/events.ts'
import { isText } from '../protocol/shape.ts'
import type { ReasoningPart, Run, TextPart, TranscriptMessage } from '../protocol/transcript.ts'
import { addPart, defined, editPart, findPart, mergeMetadata, ownMessages, removePart, type Draft, type Place } from './draft.ts'

/** What is written token by token. */
type Prose = TextPart | ReasoningPart
type ProseEvent<Stage extends 'START' | 'CONTENT' | 'END'> = EventOf<`TEXT_MESSAGE_${Stage}`> | EventOf<`REASONING_MESSAGE_${Stage}`>

/** Text or reasoning begins, or goes on where it is the last thing said. */
export function startProse(draft: Draft, run: Run, type: Prose['type'], event: ProseEvent<'START'> & { readonly name?: string }): void {
  const { messageId: id, role, timestamp: at, subagentRunId: subagent, name, metadata } = event
  const place = findPart(draft, type, id, run)
  if (place !== undefined && goesOn(draft, place))
    return editPart<Prose>(draft, place, { open: true, endedAt: undefined, metadata: mergeMetadata(place.part, event) })
  const part = defined<Prose>({ type, id, text: '', open: true, at, subagent, metadata })
  if (role !== 'user' && role !== 'system' && role !== 'developer') addPart(draft, defined({ ...part, name }))
  else if (isText(id)) ownMessages(draft).push(defined<TranscriptMessage>({ id, role, run: run.id, parts: [part], at, name }))
}

/** More of an open text: a token, or many merged. */
export function appendProse(draft: Draft, run: Run, type: Prose['type'], event: ProseEvent<'CONTENT'>): void {
  const place = findPart(draft, type, event.messageId, run)
  if (place?.part.open === true && isText(event.delta))
    editPart<Prose>(draft, place, { text: place.part.text + event.delta, metadata: mergeMetadata(place.part, event) })
}

/** An open text is complete. */
export function endProse(draft: Draft, run: Run, type: Prose['type'], event: ProseEvent<'END'>): void {
  const place = findPart(draft, type, event.messageId, run)
  if (place?.part.open === true) closeProse(draft, place, event)
}

/** Closes an open text; one that stayed empty goes, unless a provider wants its encrypted form back. */
export function closeProse(draft: Draft, place: Place<Prose>, event: { readonly timestamp?: number; readonly metadata?: object }): void {
  const { text, encryptedValue } = place.part
  if (text === '' && encryptedValue === undefined) removePart(draft, place)
  else editPart<Prose>(draft, place, { open: undefined, endedAt: event.timestamp, metadata: mergeMetadata(place.part, event) })
}

/** Whether a START of a known id goes on with that part, since nothing came in between; else it begins another. */
function goesOn({ transcript: { messages } }: Draft, { message, index, part }: Place<Prose>): boolean {
  const owner = messages[message]
  return part.open === true || owner?.role !== 'assistant' || (message === messages.length - 1 && index === owner.parts.length - 1)
}
