import type { SessionState } from '@throughline/sdk'
import type { Transcript } from '@throughline/sdk/protocol'

/** What of a session must be the same on both sides. */
export function seen({ messages, runs, queue, interrupts, custom }: Transcript | SessionState): Readonly<Record<string, unknown>> {
  return { messages, runs, queue, interrupts, custom }
}
