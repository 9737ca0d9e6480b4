import type { ContentPart, Message, ToolMessage } from '../protocol/events.ts'
import { isRecord, isText } from '../protocol/shape.ts'
import type { Part, ToolPart, ToolResult, TranscriptMessage } from '../protocol/transcript.ts'
import { metadataOf, textsOf } from './event-fields.ts'

type OfRole<Role extends Message['role']> = Extract<Message, { role: Role }>

/** An AG-UI message that is not the agent's, as a message of the transcript. */
export function toMessage(message: OfRole<'user' | 'system' | 'developer'>): TranscriptMessage {
  const { id, role, content } = message
  const texts = textsOf(message, { name: 'name', encryptedValue: 'encryptedValue' })
  const parts: Part[] =
    typeof content === 'string'
      ? [{ type: 'text', id, text: content, ...textsOf(message, { subagent: 'subagentRunId' }) }]
      : content.map((part) => toPart(id, part))
  return { id, role, parts, ...texts, ...metadataOf(message) }
}

/** An AG-UI message of the agent, as the parts that it stands for. */
export function toParts(message: OfRole<'assistant' | 'reasoning' | 'activity'>): Part[] {
  const { id } = message
  const subagent = textsOf(message, { subagent: 'subagentRunId' })
  if (message.role === 'activity') {
    const { activityType, content } = message
    return [{ type: 'activity', id, activityType, content, ...subagent, ...metadataOf(message) }]
  }
  const told = { ...subagent, ...textsOf(message, { encryptedValue: 'encryptedValue' }), ...metadataOf(message) }
  const text = isText(message.content) ? message.content : ''
  if (message.role === 'reasoning')
    return text === '' && told.encryptedValue === undefined ? [] : [{ type: 'reasoning', id, text, ...told }]
  const prose: Part[] = text === '' ? [] : [{ type: 'text', id, text, ...told, ...textsOf(message, { name: 'name' }) }]
  return [...prose, ...toTools(message).map((tool) => ({ ...tool, ...subagent }))]
}

/** An AG-UI tool message, as the result of its call. */
export function toResult(message: ToolMessage): ToolResult {
  const { id, content } = message
  const texts = textsOf(message, { error: 'error', subagent: 'subagentRunId', encryptedValue: 'encryptedValue' })
  return { id, content, ...texts, ...metadataOf(message) }
}

function toPart(message: string, part: ContentPart): Part {
  const id = textsOf(part, { id: 'id' })
  if (part.type === 'text') return { type: 'text', id: message, text: part.text, ...id, ...metadataOf(part) }
  const { type: media, source, metadata } = part
  return { type: 'file', media, source, ...id, ...(metadata !== undefined && { metadata: metadata as unknown }) }
}

function toTools({ id: parent, toolCalls }: OfRole<'assistant'>): ToolPart[] {
  const calls: readonly unknown[] = Array.isArray(toolCalls) ? toolCalls : []
  return calls.flatMap((call) => {
    if (!isRecord(call) || !isRecord(call['function'])) return []
    const { id } = call
    const { name, arguments: args } = call['function']
    if (typeof id !== 'string' || typeof name !== 'string' || typeof args !== 'string') return []
    const told = { ...textsOf(call, { encryptedValue: 'encryptedValue' }), ...metadataOf(call) }
    return [{ type: 'tool', id, name, args, status: 'running', ...(parent !== id && { parent }), ...told }]
  })
}
