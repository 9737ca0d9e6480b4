import type { EventOf, SessionEvent } from '@throughline/sdk/protocol'
import type { Names } from './names.ts'
import { openParts } from './open-parts.ts'
import { attribution, type Owners } from './owners.ts'
import { withoutRawEvent } from './without-raw-event.ts'

/** The text messages of an execution: each method takes an event of the agent and gives those that stand in the journal for it. */
export interface TextMessages {
  start(event: EventOf<'TEXT_MESSAGE_START'>): SessionEvent[]
  content(event: EventOf<'TEXT_MESSAGE_CONTENT'>): SessionEvent[]
  end(event: EventOf<'TEXT_MESSAGE_END'>): SessionEvent[]
  /** Closes what is open, for the end of a run. */
  suspend(): SessionEvent[]
}

export function textMessages(names: Names, owners: Owners): TextMessages {
  const parts = openParts<EventOf<'TEXT_MESSAGE_START'>>()

  function start(event: EventOf<'TEXT_MESSAGE_START'>): SessionEvent[] {
    if (parts.find(event.messageId) !== undefined) return []
    const id = names.give(event.messageId, (given) => owners.contradicts('message', given, event.subagentRunId))
    owners.claim('message', id, event.subagentRunId)
    parts.add(event.messageId, { id, opener: event })
    return [{ ...event, messageId: id }]
  }

  /** What opens a message that nobody opened, or that goes on after a run's end closed it. */
  function opener({ messageId, subagentRunId }: EventOf<'TEXT_MESSAGE_CONTENT'>): EventOf<'TEXT_MESSAGE_START'> {
    const before = parts.suspended(messageId)
    if (before !== undefined) return withoutRawEvent(before)
    return { type: 'TEXT_MESSAGE_START', messageId, role: 'assistant', ...attribution(subagentRunId) }
  }

  return {
    start,
    content(event) {
      const opened = parts.find(event.messageId) === undefined ? start(opener(event)) : []
      const id = names.of(event.messageId)
      const content = owners.agree('message', id, id === event.messageId ? event : { ...event, messageId: id })
      return opened.length === 0 ? [content] : [...opened, content]
    },
    end(event) {
      const part = parts.close(event.messageId)
      return part === undefined ? [] : [owners.agree('message', part.id, { ...event, messageId: part.id })]
    },
    suspend: () => parts.suspend().map(({ id }) => ({ type: 'TEXT_MESSAGE_END', messageId: id, ...attribution(owners.of('message', id)) })),
  }
}
