import type { TranscriptMessage } from '../protocol/transcript.ts'

/** The ids of the AG-UI messages that these messages stand for (and of data, which is in nobody's way). */
export function knownIds(messages: readonly TranscriptMessage[]): Set<string | undefined> {
  const ids = messages.flatMap(({ id, role, parts }) =>
    role === 'assistant' ? parts.flatMap((part) => (part.type === 'tool' ? [part.parent ?? part.id, part.result?.id] : part.id)) : id,
  )
  return new Set(ids)
}
