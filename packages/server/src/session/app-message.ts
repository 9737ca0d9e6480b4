import type { CommandFrame, SentMessage } from '@throughline/sdk/protocol'
import type { HostSend } from './host-options.ts'

/** A message of the embedding app as a command. It is a copy: what the app does with its own object later reaches nobody. */
export function appMessage(
  session: string,
  message: string | SentMessage,
  { id: given, whenBusy }: HostSend,
  newId: () => string,
): Extract<CommandFrame, { type: 'send' }> {
  const id = given ?? (typeof message === 'string' ? newId() : message.id)
  const sent: SentMessage = typeof message === 'string' ? { id, role: 'user', content: message } : { ...copyOf(message), id }
  return { type: 'send', id, session, message: sent, ...(whenBusy && { whenBusy }) }
}

function copyOf(message: SentMessage): SentMessage {
  return JSON.parse(JSON.stringify(message)) as SentMessage
}
