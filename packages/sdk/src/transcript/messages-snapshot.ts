import type { EventOf, Message } from '../protocol/events.ts'
import { isRecord, isText } from '../protocol/shape.ts'
import type { Part, ToolPart, TranscriptMessage } from '../protocol/transcript.ts'
import { activeRun } from './active-run.ts'
import { addPart, write, type Draft } from './draft.ts'
import { atOf } from './event-fields.ts'
import { toMessage, toParts, toResult } from './from-ag-ui.ts'
import { knownIds } from './known-ids.ts'
import { placeMessage } from './place-message.ts'
import { readMessages } from './read-messages.ts'
import { sameJson } from './same-json.ts'
import { flatten } from './to-ag-ui-messages.ts'

/**
 * The agent states the whole conversation. As in AG-UI, what it knows by id is changed in place, what it leaves out goes (but
 * activities and reasoning of which it states none stay), and what is new comes to the end. What stands before the first message
 * known here is older than the window, or the agent's own preface, and ignored.
 */
export function foldMessagesSnapshot(draft: Draft, event: EventOf<'MESSAGES_SNAPSHOT'>): void {
  const run = activeRun(draft.transcript)
  if (run === undefined) return
  const { messages } = draft.transcript
  const incoming = readMessages(event.messages)
  const known = knownIds(messages)
  const stated = new Map(incoming.slice(Math.max(0, incoming.findIndex(({ id }) => known.has(id)))).map((message) => [message.id, message]))
  const restated = restateAll(messages, stated, survivalRule(event, incoming))
  if (restated.length !== messages.length || restated.some((message, index) => message !== messages[index])) write(draft).messages = restated

  const placed = knownIds(restated)
  const tools = messages.flatMap(({ parts }) => parts).filter(isTool)
  for (const message of stated.values())
    if (placed.has(message.id)) continue
    else if (message.role === 'assistant')
      for (const part of restate(toParts(message), tools, stated)) addPart(draft, part.type === 'text' ? { ...part, ...atOf(event) } : part, atOf(event))
    else placeMessage(draft, run, message, event)
}

type Stated = ReadonlyMap<string, Message>

function restateAll(messages: readonly TranscriptMessage[], stated: Stated, survives: (message: Message) => boolean): readonly TranscriptMessage[] {
  const parts = new Map<Part, readonly Part[]>()
  for (const { message, parts: former } of flatten(messages)) {
    const target = stated.get(message.id)
    const [first] = former
    for (const part of former) parts.set(part, [])
    if (first === undefined) continue
    if (target?.role !== message.role) {
      if (target === undefined && survives(message)) for (const part of former) parts.set(part, [part])
    } else if (isSameMessage(message, target)) for (const part of former) parts.set(part, restate([part], former, stated))
    else parts.set(first, restate(partsOf(target), former, stated))
  }
  return messages.flatMap((message) => {
    const { id, role } = message
    const target = stated.get(id)
    if (role !== 'assistant' && (target?.role !== role)) return []
    const next = message.parts.flatMap((part) => parts.get(part) ?? [part])
    return []
  })
}
