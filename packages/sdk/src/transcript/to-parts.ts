import type { ContentPart, Message, ToolMessage } from '../protocol/events.ts'
import { isRecord, isText } from '../protocol/shape.ts'
import type { ActivityPart, FilePart, Part, ReasoningPart, TextPart, ToolPart, ToolResult, TranscriptMessage } from '../protocol/transcript.ts'
import { defined } from './draft.ts'
import { isSound } from './sound-fields.ts'

type OfRole<Role extends Message['role']> = Extract<Message, { role: Role }>

/** What is not the agent's. */
export type SaidMessage = OfRole<'user' | 'system' | 'developer'>

/** What somebody else than the agent said, as a message of the transcript. */
export function toMessage(said: SaidMessage, origin: { readonly [Name in 'run' | 'at' | 'by']: TranscriptMessage[Name] | undefined }): TranscriptMessage {
  const { id, role, content, name, encryptedValue, metadata, subagentRunId: subagent } = said
  const parts = isText(content) ? [defined<TextPart>({ type: 'text', id, text: content, subagent })] : (content as ContentPart[]).map((part) => toPart(id, part))
  return defined<TranscriptMessage>({ id, role, parts, name, encryptedValue, metadata, ...origin })
}

/** What the agent said or did, as the parts that it stands for; a tool message stands for none, but is its call's result. */
export function toParts(message: Message): Part[] {
  const { id, metadata, subagentRunId: subagent } = message
  switch (message.role) {
    case 'activity':
      return [defined<ActivityPart>({ type: 'activity', id, activityType: message.activityType, content: message.content, subagent, metadata })]
    case 'reasoning':
      return [defined<ReasoningPart>({ type: 'reasoning', id, text: message.content, subagent, encryptedValue: message.encryptedValue, metadata })]
    case 'assistant': {
      const { content, name, encryptedValue, toolCalls } = message
      const text = isText(content) ? [defined<TextPart>({ type: 'text', id, text: content, subagent, name, encryptedValue, metadata })] : []
      return [...text, ...(Array.isArray(toolCalls) ? toolCalls.flatMap((call) => toTool(id, subagent, call)) : [])]
    }
    default:
      return []
  }
}

/** An AG-UI tool message, as the result of its call. */
export function toResult(message: ToolMessage): ToolResult {
  const { id, content, error, encryptedValue, metadata, subagentRunId: subagent } = message
  return defined<ToolResult>({ id, content, error, subagent, encryptedValue, metadata })
}

function toTool(message: string, subagent: string | undefined, call: unknown): Part[] {
  if (!isSound(call) || !isRecord(call['function'])) return []
  const { id, encryptedValue, metadata } = call as Partial<ToolPart>
  const { name, arguments: args } = call['function']
  if (!isText(id) || !isText(name) || !isText(args)) return []
  const parent = message === id ? undefined : message
  return [defined<ToolPart>({ type: 'tool', id, name, args, status: 'running', parent, subagent, encryptedValue, metadata })]
}

function toPart(message: string, part: ContentPart): Part {
  const { id, metadata } = part
  if (part.type === 'text') return defined<TextPart>({ type: 'text', id: id ?? message, text: part.text, metadata })
  return defined<FilePart>({ type: 'file', media: part.type, source: part.source, id, metadata })
}
