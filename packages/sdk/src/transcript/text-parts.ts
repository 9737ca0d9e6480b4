import type { EventOf } from '../protocol/events.ts'
import type { Part, ReasoningPart, Run, TextPart, TranscriptMessage } from '../protocol/transcript.ts'
import { activeRun } from './active-run.ts'
import { addPart, findPart, removePart, writeMessage, writeMessages, writePart, type Draft, type Place } from './draft.ts'
import { atOf, endedAtOf, metadataOf, textsOf } from './event-fields.ts'

/** What is written token by token. */
type Prose = TextPart | ReasoningPart

/** Text or reasoning begins, or goes on where it is the last thing said. */
export function startText(
  draft: Draft,
  type: Prose['type'],
  event: EventOf<'TEXT_MESSAGE_START'> | EventOf<'REASONING_MESSAGE_START'>,
): void {
  const run = activeRun(draft.transcript)
  if (run === undefined) return
  const { messageId: id } = event
  const place = findPart(draft, (part): part is Prose => part.type === type && part.id === id, run)
  if (place !== undefined && goesOn(draft, place)) {
    if (place.found.open === undefined) reopen(draft, place)
    foldMetadata(draft, place, event)
    return
  }
  const part: Prose = { type, id, text: '', open: true, ...atOf(event), ...textsOf(event, { subagent: 'subagentRunId' }) }
  const named = { ...('name' in event && textsOf(event, { name: 'name' })), ...metadataOf(event) }
  const role = foreignRole(event)
  if (role === undefined) addPart(draft, { ...part, ...named }, atOf(event))
  else writeMessages(draft).push({ id, role, run: run.id, parts: [part], ...atOf(event), ...named })
}

/** More of an open text: a token, or many merged. */
export function appendText(
  draft: Draft,
  type: Prose['type'],
  event: EventOf<'TEXT_MESSAGE_CONTENT'> | EventOf<'REASONING_MESSAGE_CONTENT'>,
): void {
  const place = findOpen(draft, type, event.messageId)
  if (place === undefined) return
  if (event.delta !== '') writePart(draft, place).text += event.delta
  foldMetadata(draft, place, event)
}

/** An open text is complete. */
export function endText(draft: Draft, type: Prose['type'], event: EventOf<'TEXT_MESSAGE_END'> | EventOf<'REASONING_MESSAGE_END'>): void {
  const place = findOpen(draft, type, event.messageId)
  if (place === undefined) return
  foldMetadata(draft, place, event)
  closeText(draft, place, endedAtOf(event))
}

/** Closes an open text; one that stayed empty goes, unless a provider wants its encrypted form back. */
export function closeText(draft: Draft, place: Place<Prose>, ended: { readonly endedAt?: number }): void {
  if (place.found.text === '' && place.found.encryptedValue === undefined) return removePart(draft, place)
  const part = writePart(draft, place)
  delete part.open
  Object.assign(part, ended)
}

function findOpen(draft: Draft, type: Prose['type'], id: string): Place<Prose> | undefined {
  const run: Run | undefined = activeRun(draft.transcript)
  return run && findPart(draft, (part): part is Prose => part.type === type && part.id === id && part.open === true, run)
}

/** Whether a START of a known id goes on with that part, since nothing came in between; else it begins another. */
function goesOn({ transcript: { messages } }: Draft, { message, part, found }: Place<Prose>): boolean {
  const owner = messages[message]
  if (found.open === true || owner?.role !== 'assistant') return true
  return message === messages.length - 1 && part === owner.parts.length - 1
}

function reopen(draft: Draft, place: Place<Prose>): void {
  const part = writePart(draft, place)
  part.open = true
  delete part.endedAt
}

/** The role of a text that is not the agent's own word, and so a message of its own. */
function foreignRole(event: { readonly role?: unknown }): Exclude<TranscriptMessage['role'], 'assistant'> | undefined {
  const { role } = event
  return role === 'user' || role === 'system' || role === 'developer' ? role : undefined
}

/** Metadata describes the AG-UI message: the agent's are parts here, all others whole messages. */
function foldMetadata(draft: Draft, place: Place<Prose>, event: { metadata?: unknown }): void {
  if (metadataOf(event).metadata === undefined) return
  const owner = draft.transcript.messages[place.message]
  const target: Pick<Part & TextPart, 'metadata'> =
    owner?.role === 'assistant' ? writePart(draft, place) : writeMessage(draft, place.message)
  Object.assign(target, metadataOf(event, target.metadata))
}
