import type { EventOf, SessionEvent } from '@throughline/sdk/protocol'
import type { Names } from './names.ts'
import { openParts } from './open-parts.ts'
import { attribution, type Owners } from './owners.ts'
import { withoutRawEvent } from './without-raw-event.ts'

/** The reasoning of an execution: spans, and the messages inside them, which often share an id. Methods as in {@link TextMessages}. */
export interface Reasoning {
  spanStart(event: EventOf<'REASONING_START'>): SessionEvent[]
  start(event: EventOf<'REASONING_MESSAGE_START'>): SessionEvent[]
  content(event: EventOf<'REASONING_MESSAGE_CONTENT'>): SessionEvent[]
  end(event: EventOf<'REASONING_MESSAGE_END'>): SessionEvent[]
  spanEnd(event: EventOf<'REASONING_END'>): SessionEvent[]
  /** Closes what is open, messages before spans, for the end of a run. */
  suspend(): SessionEvent[]
}

export function reasoning(names: Names, owners: Owners): Reasoning {
  const spans = openParts<EventOf<'REASONING_START'>>()
  const messages = openParts<EventOf<'REASONING_MESSAGE_START'>>()

  /** A span and a message that the agent calls the same are called the same in the journal. */
  function nameOf(messageId: string, subagentRunId: string | undefined): string {
    const pair = spans.find(messageId) ?? messages.find(messageId)
    const id = pair?.id ?? names.give(messageId, (given) => owners.contradicts('reasoning', given, subagentRunId))
    owners.claim('reasoning', id, subagentRunId)
    return id
  }

  function spanStart(event: EventOf<'REASONING_START'>): SessionEvent[] {
    if (spans.find(event.messageId) !== undefined) return []
    const id = nameOf(event.messageId, event.subagentRunId)
    spans.add(event.messageId, { id, opener: event })
    return [owners.agree('reasoning', id, { ...event, messageId: id })]
  }

  function start(event: EventOf<'REASONING_MESSAGE_START'>): SessionEvent[] {
    if (messages.find(event.messageId) !== undefined) return []
    const around = spans.allSuspended().filter(({ subagentRunId }) => subagentRunId === event.subagentRunId)
    const opened = around.flatMap((span) => spanStart(withoutRawEvent(span)))
    const id = nameOf(event.messageId, event.subagentRunId)
    messages.add(event.messageId, { id, opener: event })
    return [...opened, owners.agree('reasoning', id, { ...event, messageId: id })]
  }

  /** What opens a message that nobody opened, or that goes on after a run's end closed it. */
  function opener({ messageId, subagentRunId }: EventOf<'REASONING_MESSAGE_CONTENT'>): EventOf<'REASONING_MESSAGE_START'> {
    const before = messages.suspended(messageId)
    if (before !== undefined) return withoutRawEvent(before)
    return { type: 'REASONING_MESSAGE_START', messageId, role: 'reasoning', ...attribution(subagentRunId) }
  }

  function ended(type: 'REASONING_MESSAGE_END' | 'REASONING_END', id: string): SessionEvent {
    return { type, messageId: id, ...attribution(owners.of('reasoning', id)) }
  }

  return {
    spanStart,
    start,
    content(event) {
      const opened = messages.find(event.messageId) === undefined ? start(opener(event)) : []
      const id = names.of(event.messageId)
      return [...opened, owners.agree('reasoning', id, { ...event, messageId: id })]
    },
    end(event) {
      const part = messages.close(event.messageId)
      return part === undefined ? [] : [owners.agree('reasoning', part.id, { ...event, messageId: part.id })]
    },
    spanEnd(event) {
      const part = spans.close(event.messageId)
      return part === undefined ? [] : [owners.agree('reasoning', part.id, { ...event, messageId: part.id })]
    },
    suspend() {
      return [
        ...messages.suspend().map(({ id }) => ended('REASONING_MESSAGE_END', id)),
        ...spans.suspend().map(({ id }) => ended('REASONING_END', id)),
      ]
    },
  }
}
