import type { ContentPart, Message } from '../protocol/events.ts'
import type { ActivityPart, Part, ReasoningPart, TextPart, ToolPart, Transcript, TranscriptMessage } from '../protocol/transcript.ts'
import { metadataOf, textsOf } from './event-fields.ts'

type OfRole<Role extends Message['role']> = Extract<Message, { role: Role }>

/** An AG-UI message and the parts that it is made of. */
export interface FlatMessage {
  readonly message: Message
  readonly parts: readonly Part[]
}

/**
 * The flat list of AG-UI 1.0 messages that a transcript stands for: an agent's history, and what AG-UI clients are sent. Text of one
 * id is one message, tool calls are in the message that they name as their parent, each result directly follows the message of its
 * call, in the order of the calls. What has no content is left out, as are `data` parts, which AG-UI knows only as events.
 */
export function toAgUiMessages({ messages }: Transcript): Message[] {
  return flatten(messages).flatMap(({ message, parts }) => [
    ...(isBlank(message) ? [] : [message]),
    ...(message.role === 'assistant' ? parts.flatMap(resultOf) : []),
  ])
}

/** The same with each message's parts and the blank ones, but with results only of calls that nobody announced. */
export function flatten(messages: readonly TranscriptMessage[]): readonly FlatMessage[] {
  const flat: { readonly message: Message; readonly parts: Part[] }[] = []
  const byId = new Map<string, Message>()
  const partsOf = new Map<Message, Part[]>()

  function begin<M extends Message>(message: M, part?: Part): M {
    const parts = part === undefined ? [] : [part]
    flat.push({ message, parts })
    byId.set(message.id, message)
    partsOf.set(message, parts)
    return message
  }

  function join<Role extends 'assistant' | 'reasoning'>(role: Role, id: string, part: Part): OfRole<Role> {
    const known = byId.get(id)
    if (known?.role !== role) return begin({ id, role, ...subagentOf(part) } as OfRole<Role>, part)
    partsOf.get(known)?.push(part)
    return known as OfRole<Role>
  }

  for (const message of messages) {
    if (message.role === 'assistant') message.parts.forEach(place)
    else partsOf.get(begin(toSaid(message)))?.push(...message.parts)
  }
  return flat

  function place(part: Part): void {
    switch (part.type) {
      case 'text':
        return addText(join('assistant', part.id, part), part)
      case 'reasoning':
        return addText(join('reasoning', part.id, part), part)
      case 'tool':
        return part.name === '' ? resultOf(part).forEach((message) => begin(message, part)) : addCall(ownerOf(part), part)
      case 'activity':
        begin(toActivity(part), part)
        return
      case 'file':
      case 'data':
        return
      default:
        part satisfies never
    }
  }

  /** The message that a call names, unless that is none of the agent's; else one of its own. */
  function ownerOf(part: ToolPart): OfRole<'assistant'> {
    const { id, parent = id } = part
    const known = byId.get(parent)
    return join('assistant', known === undefined || known.role === 'assistant' ? parent : id, part)
  }
}

function addText(message: OfRole<'assistant' | 'reasoning'>, part: TextPart | ReasoningPart): void {
  message.content = (message.content ?? '') + part.text
  Object.assign(message, 'name' in part && { name: part.name }, textsOf(part, { encryptedValue: 'encryptedValue' }))
  Object.assign(message, metadataOf(part, message.metadata))
}

function addCall(message: OfRole<'assistant'>, part: ToolPart): void {
  const { id, name, args } = part
  const told = { ...textsOf(part, { encryptedValue: 'encryptedValue' }), ...metadataOf(part) }
  message.toolCalls = [...(message.toolCalls ?? []), { id, type: 'function', function: { name, arguments: args }, ...told }]
}

function resultOf(part: Part): OfRole<'tool'>[] {
  if (part.type !== 'tool' || part.result === undefined) return []
  const { id, content } = part.result
  const told = { ...textsOf(part.result, { error: 'error', encryptedValue: 'encryptedValue' }), ...metadataOf(part.result) }
  return [{ id, role: 'tool', toolCallId: part.id, content: content as OfRole<'tool'>['content'], ...subagentOf(part.result), ...told }]
}

function toActivity(part: ActivityPart): OfRole<'activity'> {
  const { id, activityType, content } = part
  return { id, role: 'activity', activityType, content, ...subagentOf(part), ...metadataOf(part) }
}

/** A message that is not the agent's. */
function toSaid(message: TranscriptMessage): Message {
  const { id, role, parts } = message
  const [first] = parts
  const content = parts.flatMap((part) => toContent(id, part))
  const isPlain = parts.length === 1 && first?.type === 'text' && first.id === id && first.metadata === undefined
  const told = { ...textsOf(message, { name: 'name', encryptedValue: 'encryptedValue' }), ...metadataOf(message) }
  const said = { id, role, content: isPlain ? first.text : content, ...(first !== undefined && subagentOf(first)), ...told }
  return said as Message
}

function toContent(message: string, part: Part): ContentPart[] {
  if (part.type === 'text') return [{ type: 'text', text: part.text, ...(part.id !== message && { id: part.id }), ...metadataOf(part) }]
  if (part.type !== 'file') return []
  const { type: _file, media, ...rest } = part
  return [{ type: media, ...rest } as ContentPart]
}

function subagentOf(source: object): { readonly subagentRunId?: string } {
  return textsOf(source as { readonly subagent?: string }, { subagentRunId: 'subagent' })
}

function isBlank(message: Message): boolean {
  if (message.role !== 'assistant' && message.role !== 'reasoning') return false
  return !message.content && message.encryptedValue === undefined && !('toolCalls' in message)
}
