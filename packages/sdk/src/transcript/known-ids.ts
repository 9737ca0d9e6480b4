import type { TranscriptMessage } from '../protocol/transcript.ts'

/** The ids of all AG-UI messages that these messages stand for. */
export function knownIds(messages: readonly TranscriptMessage[]): ReadonlySet<string> {
  const ids = new Set<string>()
  for (const message of messages) {
    if (message.role !== 'assistant') ids.add(message.id)
    else
      for (const part of message.parts) {
        if (part.type === 'text' || part.type === 'reasoning' || part.type === 'activity') ids.add(part.id)
        if (part.type !== 'tool') continue
        ids.add(part.parent ?? part.id)
        if (part.result !== undefined) ids.add(part.result.id)
      }
  }
  return ids
}
