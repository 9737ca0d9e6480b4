import type { EventOf } from '../protocol/events.ts'
import { isText } from '../protocol/shape.ts'
import { editParts, type Draft } from './draft.ts'

/** What a provider wants back unread, for the tool call, text, reasoning or tool result of an id. */
export function setEncryptedValue(draft: Draft, event: EventOf<'REASONING_ENCRYPTED_VALUE'>): void {
  const { subtype, entityId: id, encryptedValue } = event
  if (!isText(id)) return
  editParts(draft, true, (part) => {
    if (part.type !== 'tool') return subtype !== 'tool-call' && 'text' in part && part.id === id && { encryptedValue }
    if (subtype === 'tool-call') return part.id === id && { encryptedValue }
    return part.result?.id === id && { result: { ...part.result, encryptedValue } }
  })
}
