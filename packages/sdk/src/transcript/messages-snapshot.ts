import type { EventOf, Message } from '../protocol/events.ts'
import { isRecord, isText } from '../protocol/shape.ts'
import type { Part, ToolPart, TranscriptMessage } from '../protocol/transcript.ts'
import { addMessage, isBlank } from './add-message.ts'
import { defined } from './defined.ts'
import type { Draft } from './draft.ts'
import { knownIds } from './known-ids.ts'
import { sameJson } from './same-json.ts'
import { readMessages } from './sound-fields.ts'
import { toMessage, toParts, toResult } from './to-parts.ts'

/**
 * The agent states the whole conversation. As in AG-UI, what it knows by id is changed in place, what it leaves out goes (but
 * activities and reasoning, where it states none), and what is new comes to the end. What stands before the first message known
 * here is older than the window, or the agent's own preface, and ignored.
 */
export function foldMessagesSnapshot({ transcript, ...draft }: Draft, event: EventOf<'MESSAGES_SNAPSHOT'>): void {
  if (!Array.isArray(event.messages)) return
  const { messages } = transcript
  const incoming = readMessages(event.messages)
  const known = knownIds(messages)
  const first = incoming.findIndex(({ id }) => known.has(id))
  const stated = first > 0 ? incoming.slice(first) : incoming
  const restate = restatement(messages, stated, survivalRule(event, incoming))

  const restated = messages.flatMap((message) => restate.message(message))
  if (restated.length !== messages.length || restated.some((message, index) => message !== messages[index])) transcript.messages = restated
  const placed = knownIds(restated)
  for (const message of stated) if (!placed.has(message.id)) addMessage({ transcript, ...draft }, message, event.timestamp, restate.call)
}

/** AG-UI's rule for what a snapshot leaves out: whoever states any reasoning, or activity, states all of it, unless metadata names the types. */
function survivalRule({ metadata }: EventOf<'MESSAGES_SNAPSHOT'>, incoming: readonly Message[]): (part: Part) => boolean {
  const declared: unknown = metadata?.['@ag-ui/client']
  const types = isRecord(declared) ? declared['authoritativeActivityTypes'] : declared
  return (part) => {
    if (part.type === 'data') return true
    if (part.type !== 'activity' || types === undefined) return incoming.every(({ role }) => role !== part.type)  && part.type...
  }
}
