import { lastRunOf } from '../transcript/last-run-of.ts'
import { statusOf } from '../transcript/status-of.ts'
import type { Attachment } from './attachment.ts'
import type { SessionMessage, SessionState } from './session-state.ts'

/** What a view shows of a session: its replica, and after it the messages that the journal does not have yet. */
export function viewOf(attachment: Attachment, unseen: readonly SessionMessage[]): SessionState {
  const { transcript, more } = attachment.replica()
  const { messages, runs, interrupts, queue, agentState, custom } = transcript
  const failure = attachment.failure()
  const last = lastRunOf(transcript)
  return {
    status: statusOf(transcript),
    ...(last && { last }),
    messages: unseen.length > 0 ? [...messages, ...unseen] : messages,
    runs,
    interrupts,
    queue,
    agentState,
    custom,
    caughtUp: attachment.caughtUp(),
    more,
    ...(failure && { failure }),
  }
}
