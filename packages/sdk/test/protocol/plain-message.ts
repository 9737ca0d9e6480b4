import type { Message, Run } from '../../src/protocol/index.ts'
import {
  type Plain,
  type PlainMessage,
  type PlainPart,
  type PlainTranscript,
  type Told,
  addPart,
  newest,
  setResult,
  told,
} from './plain-transcript.ts'

type Said = Extract<Message, { role: 'user' | 'system' | 'developer' }>

/** Whether somebody else than the agent or a tool said it. */
export function isSaid(message: Message): message is Said {
  return message.role === 'user' || message.role === 'system' || message.role === 'developer'
}

/** The AG-UI messages that a transcript stands for. */
export function knownIds({ messages }: PlainTranscript): Set<string> {
  const known = new Set<string>()
  for (const { id, role, parts } of messages) {
    if (role !== 'assistant') known.add(id)
    else
      for (const part of parts) {
        known.add(part.type === 'tool' ? (part.parent ?? part.id) : part.id)
        if (part.result !== undefined) known.add(part.result.id)
      }
  }
  return known
}

/** Places an AG-UI message at the end. */
export function place(t: PlainTranscript, run: Plain<Run>, message: Message, e: Told): void {
  const at = e.timestamp === undefined ? {} : { at: e.timestamp }
  if (message.role === 'tool') setResult(t, message.toolCallId, resultOf(message), e.timestamp)
  else if (isSaid(message)) t.messages.push({ ...saidMessage(message), run: run.id, ...at, ...(run.by !== undefined && { by: run.by }) })
  else for (const part of partsOf(message)) if (part.type !== 'tool' || newest(t, 'tool', part.id) === undefined) addPart(t, e, part)
}

/** What somebody else than the agent said. */
export function saidMessage(message: Said): PlainMessage {
  const { id, role, name, content } = message
  const parts = typeof content === 'string' ? [{ type: 'text', id, text: content }] : content.map((part) => contentPart(id, part))
  return { id, role, ...(name !== undefined && { name }), parts, ...(told(message) as object) }
}

function contentPart(message: string, part: Exclude<Said['content'], string>[number]): PlainPart {
  const metadata = part.metadata === undefined ? {} : { metadata: part.metadata as object }
  if (part.type === 'text') return { type: 'text', id: part.id ?? message, text: part.text, ...metadata }
  return {
    type: 'file',
    ...{ media: part.type, source: part.source },
    ...(part.id !== undefined && { id: part.id }),
    ...metadata,
  } as PlainPart
}

/** The result that a tool message is. */
export function resultOf(message: Message & { role: 'tool' }): { id: string } {
  const { id, content, error } = message
  return { id, ...{ content }, ...(error !== undefined && { error }), ...told(message) }
}

/** The parts that a message of the agent stands for. */
export function partsOf(message: Message): PlainPart[] {
  const { id } = message
  switch (message.role) {
    case 'reasoning':
      return [{ type: 'reasoning', id, text: message.content, ...told(message) }]
    case 'activity':
      return [{ type: 'activity', id, activityType: message.activityType, content: message.content, ...told(message) }]
    case 'assistant': {
      const { content, name, toolCalls = [], subagentRunId } = message
      const text = content === undefined ? [] : [{ type: 'text', id, text: content, ...(name !== undefined && { name }), ...told(message) }]
      const tools = toolCalls.map((call) => ({
        ...{ type: 'tool', id: call.id, name: call.function.name, args: call.function.arguments, status: 'running' },
        ...(id !== call.id && { parent: id }),
        ...told({ ...call, ...(subagentRunId !== undefined && { subagentRunId }) }),
      }))
      return [...text, ...tools]
    }
    default:
      return []
  }
}
