import type { ContentPart, Message } from '../protocol/events.ts'
import type { Part, ReasoningPart, TextPart, ToolPart, ToolResult, Transcript, TranscriptMessage } from '../protocol/transcript.ts'
import { defined } from './defined.ts'

type OfRole<Role extends Message['role']> = Extract<Message, { role: Role }>

type ToolCall = NonNullable<OfRole<'assistant'>['toolCalls']>[number]

/** What an AG-UI message has from whatever began it. */
interface Begun {
  readonly subagentRunId: string | undefined
  readonly name?: string | undefined
}

/** What the transcript tells of anything, in names of its own. */
interface Telling {
  readonly subagent?: string
  readonly encryptedValue?: string
  readonly metadata?: Readonly<Record<string, unknown>>
}

/**
 * The flat list of AG-UI 1.0 messages that a transcript stands for: an agent's history, and what AG-UI clients are sent. Text of one
 * id is one message, tool calls are in the message that they name as their parent, each result directly follows the message of its
 * call, in the order of the calls. Text that is still empty is left out, as are `data` parts, which AG-UI knows only as events.
 */
export function toAgUiMessages({ messages }: Transcript): Message[] {
  const byId = new Map<string, Message>()
  /** The results that follow each message; its order is that of the list. */
  const results = new Map<Message, Message[]>()
  for (const message of messages)
    if (message.role === 'assistant') message.parts.forEach(place)
    else add(toSaid(message))
  return [...results].flat(2)

  function place(part: Part): void {
    switch (part.type) {
      case 'text':
        return write('assistant', part)
      case 'reasoning':
        return write('reasoning', part)
      case 'tool':
        return call(part)
      case 'activity': {
        const { id, activityType, content } = part
        return add({ id, role: 'activity', activityType, content, ...tell(part) } as Message)
      }
      case 'file':
      case 'data':
        return
      default:
        part satisfies never
    }
  }

  function write(role: 'assistant' | 'reasoning', part: TextPart | ReasoningPart): void {
    if (part.text === '' && part.encryptedValue === undefined) return
    const { id, text, subagent, name, ...told } = part as TextPart
    const message = join(role, id, { subagentRunId: subagent, name })
    message.content = (message.content ?? '') + text
    Object.assign(message, tell(told, message.metadata))
  }

  /** A call is in the message that it names, unless that is none of the agent's; else in one of its own. */
  function call(part: ToolPart): void {
    const { id, name, args, parent = id, result, encryptedValue, metadata } = part
    const answer = result && toAnswer(id, result)
    if (name === '') return answer && add(answer)
    const known = byId.get(parent)
    const message = join('assistant', known === undefined || known.role === 'assistant' ? parent : id, { subagentRunId: part.subagent })
    const made = { id, type: 'function' as const, function: { name, arguments: args } }
    message.toolCalls = [...(message.toolCalls ?? []), defined<ToolCall>({ ...made, encryptedValue, metadata })]
    if (answer !== undefined) results.get(message)?.push(answer)
  }

  /** The message of an id, which tells of whoever began it; a new one where there is none of that role. */
  function join<Role extends 'assistant' | 'reasoning'>(role: Role, id: string, begun: Begun): OfRole<Role> {
    if (byId.get(id)?.role !== role) add({ id, role, ...defined<object>(begun) } as Message)
    return byId.get(id) as OfRole<Role>
  }

  function add(message: Message): void {
    byId.set(message.id, message)
    results.set(message, [])
  }
}

function toAnswer(toolCallId: string, result: ToolResult): Message {
  const { id, content, error } = result
  return { id, role: 'tool', toolCallId, content, ...(error !== undefined && { error }), ...tell(result) } as Message
}

/** What somebody else than the agent said; where it is but one text, written as such. */
function toSaid(message: TranscriptMessage): Message {
  const { id, role, name, parts, metadata } = message
  const [first] = parts
  const isPlain = parts.length === 1 && first?.type === 'text' && first.id === id
  const content = isPlain ? first.text : parts.flatMap((part) => toContent(id, part))
  return { id, role, content, ...(name !== undefined && { name }), ...tell(message), ...(isPlain && tell(first, metadata)) } as Message
}

function toContent(message: string, part: Part): ContentPart[] {
  if (part.type === 'text') {
    const { id, text, metadata } = part
    return [{ type: 'text', text, ...(id !== message && { id }), ...(metadata && { metadata }) }]
  }
  if (part.type !== 'file') return []
  const { type: _file, media, ...rest } = part
  return [{ type: media, ...rest }]
}

/** The same in AG-UI's names, over the metadata that there is. */
function tell({ subagent, encryptedValue, metadata }: Telling, before?: Telling['metadata']): Partial<OfRole<'reasoning'>> {
  const merged = before || metadata ? { ...before, ...metadata } : undefined
  return defined<Partial<OfRole<'reasoning'>>>({ subagentRunId: subagent, encryptedValue, metadata: merged })
}
