import type { Message, Transcript } from '../../src/protocol/index.ts'
import { toAgUiMessages } from '../../src/transcript/index.ts'
import { callsOf, partsOf } from './log.ts'

/** What the messages of a MESSAGES_SNAPSHOT are chosen by. */
export interface Restating {
  readonly one: number
  readonly two: number
  readonly word: string
  readonly mint: (prefix: string) => string
}

/** What is known, some of it left out, some changed, with something new behind it: messages for a MESSAGES_SNAPSHOT. */
export function restated(transcript: Transcript, { one, two, word, mint }: Restating): Message[] {
  const calls = callsOf(transcript)
  const pieces = new Map<string, number>()
  for (const { id } of partsOf(transcript)) pieces.set(id ?? '', (pieces.get(id ?? '') ?? 0) + 1)
  const gone = new Set<string>()
  const kept = toAgUiMessages(transcript).flatMap((message, index): Message[] => {
    const ownCalls = message.role === 'assistant' ? (message.toolCalls ?? []) : []
    // A result without its call would have no place here.
    const hasCall = message.role !== 'tool' || (calls.includes(message.toolCallId) && !gone.has(message.toolCallId))
    const isGone = !hasCall || (message.role !== 'tool' && index > 0 && (one + index * 7) % 4 === 0)
    if (isGone) for (const { id } of ownCalls) gone.add(id)
    if (isGone) return []
    const isChanged =
      (two + index * 5) % 3 === 0 && typeof message.content === 'string' && message.content !== '' && (pieces.get(message.id) ?? 1) === 1
    return [isChanged ? ({ ...message, content: word } as Message) : message]
  })
  const moved = [...gone].slice(0, 1).filter((call) => calls.includes(call))
  return [...kept, ...fresh(moved, { one, two, word, mint })]
}

/** New messages, one of them with a call that stood elsewhere. */
function fresh(moved: readonly string[], { one, two, word, mint }: Restating): Message[] {
  const id = mint('n')
  const toolCalls = moved.map((call) => ({ id: call, type: 'function', function: { name: 'look', arguments: word } }))
  const messages = [
    { id, role: 'assistant', content: word, ...(toolCalls.length > 0 && { toolCalls }) },
    { id: mint('u'), role: 'user', content: word },
    { id: mint('t'), role: 'reasoning', content: word },
    { id: mint('p'), role: 'activity', activityType: 'PLAN', content: { word } },
  ]
  return messages.filter((_, index) => (one + two) % (index + 2) === 0) as Message[]
}
