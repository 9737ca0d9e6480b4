import type { TranscriptMessage } from '../protocol/transcript.ts'

/** The ids of the AG-UI messages that these messages stand for (and of data, which is in nobody's way). */
export function knownIds(messages: readonly TranscriptMessage[]): Set<string | undefined> {
  const ids = new Set<string | undefined>()
  for (const { id, role, parts } of messages) {
    if (role !== 'assistant') ids.add(id)
    else
      for (const part of parts)
        if (part.type === 'tool') ids.add(part.parent ?? part.id).add(part.result?.id)
        else ids.add(part.id)
  }
  return ids
}
