import type { CallServer } from '../call-server.ts'
import type { TranscriptMessage } from '../protocol/index.ts'
import type { Attachment } from './attachment.ts'

/** Loads a page of messages from before the first one, and puts it before it. Gives those it loaded. */
export async function loadOlder(
  session: string,
  attachment: Pick<Attachment, 'replica' | 'addOlder'>,
  call: CallServer,
  limit: number,
): Promise<readonly TranscriptMessage[]> {
  const { more, transcript } = attachment.replica()
  const [first] = transcript.messages
  if (!more || !first) return []
  const path = `/sessions/${encodeURIComponent(session)}/messages?before=${encodeURIComponent(first.id)}&limit=${limit}`
  const page = (await call('GET', path)) as { readonly messages: readonly TranscriptMessage[]; readonly more: boolean }
  // A snapshot may have come meanwhile, and the page would not end where its messages begin.
  if (attachment.replica().transcript.messages[0]?.id !== first.id) return loadOlder(session, attachment, call, limit)
  attachment.addOlder(page.messages, page.more)
  return page.messages
}
