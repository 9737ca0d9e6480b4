import type { EventOf } from '../protocol/events.ts'
import { isText } from '../protocol/shape.ts'
import { editPart, findPart, ownMessages, type Draft } from './draft.ts'

/** What a provider wants back unread, for the tool call, text, reasoning, tool result or message of an id. */
export function setEncryptedValue(draft: Draft, event: EventOf<'REASONING_ENCRYPTED_VALUE'>): void {
  const { subtype, entityId: id, encryptedValue } = event
  if (!isText(encryptedValue)) return
  const call = findPart(draft, 'tool', id, undefined, (tool) => (subtype === 'tool-call' ? tool.id : tool.result?.id) === id)
  const place = subtype === 'tool-call' ? call : findPart(draft, 'text', id) ?? findPart(draft, 'reasoning', id)
  if (place !== undefined) editPart(draft, place, { encryptedValue })
  else if (call?.part.result) editPart(draft, call, { result: { ...call.part.result, encryptedValue } })
}
