import type { Message, TranscriptMessage } from '@throughline/sdk/protocol'
import { toAgUiMessages } from '@throughline/sdk/transcript'
import type { Projection } from '../journal/projection.ts'

/** What an agent is told of what went before. */
export interface History {
  readonly messages: readonly Message[]
  readonly state?: unknown
  /** Whether something of the conversation has this id already. */
  readonly isTaken: (messageId: string) => boolean
}

/** The history of a whole conversation. */
export async function historyOf(projection: Projection): Promise<History> {
  const transcript = await projection.whole()
  const taken = idsIn(transcript.messages)
  return {
    messages: toAgUiMessages(transcript),
    isTaken: (id) => taken.has(id),
    ...(transcript.agentState !== undefined && { state: transcript.agentState }),
  }
}

/** All ids that messages and what they are made of go by, in the transcript and in AG-UI. */
export function idsIn(messages: readonly TranscriptMessage[]): ReadonlySet<string> {
  const ids = new Set<string>()
  for (const { id, parts } of messages) {
    ids.add(id)
    for (const part of parts) {
      if (part.type === 'file') continue
      ids.add(part.id)
      if (part.type !== 'tool') continue
      if (part.parent !== undefined) ids.add(part.parent)
      if (part.result !== undefined) ids.add(part.result.id)
    }
  }
  return ids
}
