import type { TranscriptMessage } from '../protocol/transcript.ts'

/** The ids of the AG-UI messages that these messages stand for; those of data and of calls that name a parent are among them. */
export function knownIds(messages: readonly TranscriptMessage[]): ReadonlySet<string | undefined> {
  return new Set(
    messages.flatMap(({ id, role, parts }) =>
      role === 'assistant' ? parts.flatMap((part) => (part.type === 'tool' ? [part.parent ?? part.id, part.result?.id] : part.id)) : id,
    ),
  )
}
