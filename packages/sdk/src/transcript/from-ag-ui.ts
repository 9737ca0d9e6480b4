import type { ContentPart, Message, ToolMessage } from '../protocol/events.ts'
import { isRecord, isText } from '../protocol/shape.ts'
import type {
  ActivityPart,
  FilePart,
  Part,
  ReasoningPart,
  TextPart,
  ToolPart,
  ToolResult,
  TranscriptMessage,
} from '../protocol/transcript.ts'
import { defined } from './defined.ts'
import { listOf } from './list-of.ts'
import { told } from './told.ts'

type OfRole<Role extends Message['role']> = Extract<Message, { role: Role }>

/** Whether a message is neither the agent's nor a tool's. */
export function isSaid(message: Message): message is OfRole<'user' | 'system' | 'developer'> {
  return message.role === 'user' || message.role === 'system' || message.role === 'developer'
}

/** Whether untrusted JSON is an AG-UI message, as far as a transcript is made of it. */
export function isMessage(value: unknown): value is Message {
  if (!isRecord(value) || !isText(value['id'])) return false
  const { role, content } = value
  if (role === 'activity') return isRecord(content)
  if (role === 'user' || role === 'tool') return isContent(content)
  if (role === 'assistant') return isText(content ?? '')
  return isText(content) && (role === 'reasoning' || role === 'system' || role === 'developer')
}

/** Whether untrusted JSON is content: text, or a list of content parts. */
export function isContent(value: unknown): value is ToolMessage['content'] {
  return (
    isText(value) || (Array.isArray(value) && value.every((part) => isRecord(part) && (part['type'] !== 'text' || isText(part['text']))))
  )
}

/** What somebody else than the agent said. */
export function toMessage(message: OfRole<'user' | 'system' | 'developer'>): TranscriptMessage {
  const { id, role, name, content } = message
  const parts: Part[] = isText(content) ? [{ type: 'text', id, text: content }] : content.map((part) => toPart(id, part))
  return told<TranscriptMessage>(message, { id, role, name, parts })
}

/** What the agent said and did in one AG-UI message; nothing for a message that is none of the agent's. */
export function toParts(message: Message): Part[] {
  const { id } = message
  switch (message.role) {
    case 'activity':
      return [told<ActivityPart>(message, { type: 'activity', id, activityType: message.activityType, content: message.content })]
    case 'reasoning':
      return [told<ReasoningPart>(message, { type: 'reasoning', id, text: message.content })]
    case 'assistant': {
      const { content: text, name, toolCalls } = message
      const tools = listOf(toolCalls, isCall)
      return [
        ...(isText(text) ? [told<TextPart>(message, { type: 'text', id, text, name })] : []),
        ...tools.map((call) => toTool(message, call)),
      ]
    }
    default:
      return []
  }
}

/** A tool message, as its call's result. */
export function toResult(message: ToolMessage): ToolResult {
  const { id, content, error } = message
  return told<ToolResult>(message, { id, content, error })
}

type ToolCall = NonNullable<OfRole<'assistant'>['toolCalls']>[number]

function isCall(call: unknown): call is ToolCall {
  return isRecord(call) && isRecord(call['function']) && isText(call['function']['arguments'])
}

function toTool({ id: message, subagentRunId }: OfRole<'assistant'>, call: ToolCall): Part {
  const {
    id,
    function: { name, arguments: args },
  } = call
  const parent = message === id ? undefined : message
  return told<ToolPart>({ ...call, ...(subagentRunId && { subagentRunId }) }, { type: 'tool', id, name, args, status: 'running', parent })
}

function toPart(message: string, part: ContentPart): Part {
  const { id, metadata } = part
  if (part.type === 'text') return defined<TextPart>({ type: 'text', id: id ?? message, text: part.text, metadata })
  return defined<FilePart>({ type: 'file', media: part.type, source: part.source, id, metadata })
}
