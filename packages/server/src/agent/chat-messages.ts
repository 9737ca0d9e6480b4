import type { ContentPart, Context, Message } from '@throughline/sdk/protocol'
import type {
  ChatCompletionContentPart,
  ChatCompletionMessageFunctionToolCall,
  ChatCompletionMessageParam,
  ChatCompletionToolMessageParam,
} from 'openai/resources/chat/completions'

/** What the model is told before the conversation. */
export interface ChatPreface {
  readonly instructions?: string | undefined
  readonly context: readonly Context[]
}

/**
 * Turns AG-UI messages into the messages of a chat request. Each tool call is directly followed by its result, or by a note that it has none:
 * providers refuse a history where one is missing. Reasoning and activities stay out.
 */
export function chatMessages(messages: readonly Message[], preface: ChatPreface): ChatCompletionMessageParam[] {
  const results = new Map<string, ContentPart[] | string>()
  for (const message of messages) if (message.role === 'tool') results.set(message.toolCallId, message.content)
  return [...prefaceMessages(preface), ...messages.flatMap((message) => chatMessage(message, results))]
}

function prefaceMessages({ instructions, context }: ChatPreface): ChatCompletionMessageParam[] {
  const content = [instructions ?? '', ...context.map(({ description, value }) => `${description}:\n${value}`)]
    .filter((text) => text !== '')
    .join('\n\n')
  return content === '' ? [] : [{ role: 'system', content }]
}

function chatMessage(message: Message, results: ReadonlyMap<string, ContentPart[] | string>): ChatCompletionMessageParam[] {
  switch (message.role) {
    case 'system':
    case 'developer':
      // Only OpenAI itself knows the role `developer`.
      return [{ role: 'system', content: message.content }]
    case 'user':
      return [{ role: 'user', content: typeof message.content === 'string' ? message.content : message.content.map(userPart) }]
    case 'assistant':
      return assistantTurn(message.content ?? '', message.toolCalls ?? [], results)
    case 'tool':
    case 'reasoning':
    case 'activity':
      return []
    default:
      message satisfies never
      return []
  }
}

function assistantTurn(
  content: string,
  toolCalls: readonly { readonly id: string; readonly function: { readonly name: string; readonly arguments: string } }[],
  results: ReadonlyMap<string, ContentPart[] | string>,
): ChatCompletionMessageParam[] {
  if (toolCalls.length === 0) return content === '' ? [] : [{ role: 'assistant', content }]
  const calls = toolCalls.map(({ id, function: { name, arguments: args } }) => chatToolCall(id, name, args))
  return [
    { role: 'assistant', content: content === '' ? null : content, tool_calls: calls },
    ...toolCalls.map(({ id }) => chatToolResult(id, resultText(results.get(id)))),
  ]
}

/** A tool call in a chat request. Arguments that were cut off, or are none, become `{}`, since providers refuse what is not JSON. */
export function chatToolCall(id: string, name: string, args: string): ChatCompletionMessageFunctionToolCall {
  return { id, type: 'function', function: { name, arguments: isJson(args) ? args : '{}' } }
}

/** The result of a tool call in a chat request. */
export function chatToolResult(id: string, content: string): ChatCompletionToolMessageParam {
  return { role: 'tool', tool_call_id: id, content }
}

const NOT_ANSWERED = 'Not answered: the call was cancelled, or nobody gave a result.'

function resultText(content: ContentPart[] | string | undefined): string {
  if (content === undefined) return NOT_ANSWERED
  return typeof content === 'string' ? content : content.map((part) => (part.type === 'text' ? part.text : left(part))).join('\n')
}

type MediaPart = Exclude<ContentPart, { type: 'text' }>

function userPart(part: ContentPart): ChatCompletionContentPart {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text }
    case 'image':
      return part.source.type === 'file' ? textPart(left(part)) : { type: 'image_url', image_url: { url: url(part.source) } }
    case 'audio':
      return audioPart(part)
    case 'document':
      return documentPart(part)
    case 'video':
      return textPart(left(part))
    default:
      part satisfies never
      return textPart('')
  }
}

function audioPart(part: MediaPart): ChatCompletionContentPart {
  if (part.source.type !== 'data') return textPart(left(part))
  switch (part.source.mimeType) {
    case 'audio/wav':
    case 'audio/x-wav':
    case 'audio/wave':
      return { type: 'input_audio', input_audio: { data: part.source.value, format: 'wav' } }
    case 'audio/mpeg':
    case 'audio/mp3':
      return { type: 'input_audio', input_audio: { data: part.source.value, format: 'mp3' } }
    default:
      return textPart(left(part))
  }
}

function documentPart(part: MediaPart): ChatCompletionContentPart {
  const { source } = part
  if (source.type === 'data') return { type: 'file', file: { file_data: url(source), filename: part.id ?? 'document' } }
  if (source.type === 'file' && source.provider === 'openai') return { type: 'file', file: { file_id: source.value } }
  return textPart(left(part))
}

function url(
  source: { readonly type: 'url'; readonly value: string } | { readonly type: 'data'; readonly value: string; readonly mimeType: string },
) {
  return source.type === 'url' ? source.value : `data:${source.mimeType};base64,${source.value}`
}

function textPart(text: string): ChatCompletionContentPart {
  return { type: 'text', text }
}

/** Says that something is missing, so that the model does not answer as if it were not. */
function left(part: MediaPart): string {
  return `[${part.type} left out: this endpoint takes none of its kind]`
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
