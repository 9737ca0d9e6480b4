import type { Message } from '../protocol/events.ts'
import { isContent } from '../protocol/is-content.ts'
import { isRecord, isText } from '../protocol/shape.ts'

/** Fields that are texts wherever AG-UI has them. */
const TEXTS = [
  'activityType',
  'code',
  'description',
  'encryptedValue',
  'error',
  'name',
  'parentMessageId',
  'parentSubagentRunId',
  'parentToolCallId',
  'subagentRunId',
]

/** Whether the well-known fields of an event or a message, where it has them, are of the types that AG-UI gives them. */
export function isSound(value: unknown): value is Readonly<Record<string, unknown>> {
  if (!isRecord(value)) return false
  const { metadata = {}, timestamp = 0 } = value
  return isRecord(metadata) && typeof timestamp === 'number' && TEXTS.every((field) => isText(value[field] ?? ''))
}

/** The AG-UI messages of an untrusted list; what is none is left out. */
export function readMessages(list: unknown): readonly Message[] {
  return Array.isArray(list) ? list.filter(isMessage) : []
}

function isMessage(message: unknown): message is Message {
  if (!isSound(message) || !isText(message['id'])) return false
  const { role, content = '' } = message
  if (role === 'activity') return isRecord(content) && isText(message['activityType'])
  if (role === 'user' || role === 'tool') return isContent(content) && (role === 'user' || isText(message['toolCallId']))
  return isText(content) && (role === 'assistant' || role === 'reasoning' || role === 'system' || role === 'developer')
}
