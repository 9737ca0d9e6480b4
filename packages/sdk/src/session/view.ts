import { EMPTY_TRANSCRIPT } from '../protocol/index.ts'
import type { ContentPart, TranscriptMessage, UserMessage } from '../protocol/index.ts'
import { applyEvents, lastRunOf, statusOf } from '../transcript/index.ts'
import type { Attachment } from './attachment.ts'
import type { SessionMessage, SessionState } from './session-state.ts'

/** What a view shows of a session: its replica, with the messages behind it that the journal does not have yet. */
export function viewOf(attachment: Attachment, unseen: Iterable<SessionMessage>): SessionState {
  const { transcript, more } = attachment.replica()
  const { messages, runs, interrupts, queue, agentState, custom } = transcript
  const failure = attachment.failure()
  const last = lastRunOf(transcript)
  const waiting = [...unseen]
  return {
    status: statusOf(transcript),
    ...(last && { last }),
    messages: waiting.length > 0 ? [...messages, ...waiting] : messages,
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

/** A message as it will stand in the timeline. The fold itself makes it, so that its journaled form takes its place without a jump. */
export function sendingMessage(message: UserMessage): SessionMessage | undefined {
  const input = { threadId: '', runId: '', messages: [message], tools: [], context: [] }
  const [folded] = applyEvents(EMPTY_TRANSCRIPT, [{ type: 'RUN_STARTED', threadId: '', runId: '', input }]).messages
  if (!folded) return undefined
  const { run: _run, ...shown } = folded
  return { ...shown, pending: 'sending' }
}

/** The content of a user's message, to be sent once more. */
export function contentOf({ parts }: TranscriptMessage): ContentPart[] {
  const content: ContentPart[] = []
  for (const part of parts) {
    if (part.type === 'text') content.push({ type: 'text', text: part.text })
    if (part.type === 'file') content.push({ type: part.media, source: part.source, ...(part.metadata !== undefined && { metadata: part.metadata }) } as ContentPart)
  }
  return content
}
