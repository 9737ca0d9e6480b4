import type { EventOf } from '../protocol/events.ts'
import { isText } from '../protocol/shape.ts'
import type { ReasoningPart, Run, TextPart, TranscriptMessage } from '../protocol/transcript.ts'
import { addPart, editPart, ownMessages, type Draft, type Edit } from './draft.ts'
import { told } from './told.ts'

/** What is written token by token. */
type Prose = TextPart | ReasoningPart
type ProseEvent<Stage extends 'START' | 'CONTENT' | 'END'> = EventOf<`TEXT_MESSAGE_${Stage}`> | EventOf<`REASONING_MESSAGE_${Stage}`>

/** Text or reasoning begins; one that is open, or was the last thing said, goes on. */
export function startProse(draft: Draft, run: Run, type: Prose['type'], event: ProseEvent<'START'> & { readonly name?: string }): void {
  const { messageId: id, role, timestamp: at, name } = event
  const { messages } = draft.transcript
  const newest = messages.at(-1)?.parts.at(-1)
  const goesOn: Edit<Prose> = (part, owner) =>
    owner.run === run.id && (part.open || part === newest || owner.role !== 'assistant') && { open: true, endedAt: undefined }
  if (editPart(draft, type, id, goesOn, event)) return
  const part: Prose = { type, id, text: '', open: true }
  if (!isText(id)) return
  if (role === 'user' || role === 'system' || role === 'developer')
    ownMessages(draft).push(told<TranscriptMessage>(event, { id, role, run: run.id, parts: [part], at, name }))
  else addPart(draft, told<TextPart>(event, { ...(part as TextPart), name }), at)
}

/** More of an open text: a token, or many merged. */
export function appendProse(draft: Draft, type: Prose['type'], event: ProseEvent<'CONTENT'>): void {
  const { messageId, delta } = event
  if (isText(delta)) editPart(draft, type, messageId, (part) => part.open && { text: part.text + delta }, event)
}

/** An open text is complete. */
export function endProse(draft: Draft, type: Prose['type'], event: ProseEvent<'END'>): void {
  editPart(draft, type, event.messageId, (part) => part.open && closed(part, event.timestamp), event)
}

/** Closes an open text; one that stayed empty goes, unless a provider wants its encrypted form back. */
export function closed({ text, encryptedValue }: Prose, endedAt: number | undefined): ReturnType<Edit<Prose>> {
  return text === '' && encryptedValue === undefined ? null : { open: undefined, endedAt }
}
