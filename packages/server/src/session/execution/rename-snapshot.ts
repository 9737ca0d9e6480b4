import type { Message } from '@throughline/sdk/protocol'
import type { Names } from './names.ts'

/** What a MESSAGES_SNAPSHOT is renamed by. */
export interface SnapshotNames {
  readonly messages: Names
  readonly reasoning: Names
  readonly calls: Names
}

/**
 * The messages of a MESSAGES_SNAPSHOT under the names that the journal knows. Where an id stands twice, only the last is what this
 * execution calls so: the others came from earlier runs.
 */
export function renameSnapshot(messages: readonly Message[], names: SnapshotNames): Message[] {
  const lastMessage = onlyFirst((id: string, kind: 'messages' | 'reasoning') => names[kind].of(id))
  const lastCall = onlyFirst((id: string, _kind: 'call' | 'result') => names.calls.of(id))
  return messages.toReversed().map(renamed).toReversed()

  function renamed(message: Message): Message {
    switch (message.role) {
      case 'activity':
        return message
      case 'reasoning':
        return { ...message, id: lastMessage(message.id, 'reasoning') }
      case 'tool':
        return { ...message, id: lastMessage(message.id, 'messages'), toolCallId: lastCall(message.toolCallId, 'result') }
      case 'assistant': {
        const id = lastMessage(message.id, 'messages')
        if (message.toolCalls === undefined) return { ...message, id }
        return { ...message, id, toolCalls: message.toolCalls.map((call) => ({ ...call, id: lastCall(call.id, 'call') })) }
      }
      case 'user':
      case 'system':
      case 'developer':
        return { ...message, id: lastMessage(message.id, 'messages') }
      default:
        return message satisfies never
    }
  }
}

/** The renaming, for the first time that an id of a kind comes; after that the id itself. */
function onlyFirst<Kind extends string>(rename: (id: string, kind: Kind) => string): (id: string, kind: Kind) => string {
  const seen = new Set<string>()
  return (id, kind) => {
    const key = `${kind} ${id}`
    if (seen.has(key)) return id
    seen.add(key)
    return rename(id, kind)
  }
}
