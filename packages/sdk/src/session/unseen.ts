import { EMPTY_TRANSCRIPT } from '../protocol/index.ts'
import type { SentMessage, Transcript } from '../protocol/index.ts'
import { applyEvents } from '../transcript/apply-events.ts'
import type { SessionMessage } from './session-state.ts'

/** The user's messages that were sent from here and are not in the journal yet, as far as this client has seen it. */
export class Unseen {
  readonly #messages = new Map<string, SessionMessage>()

  /** The messages in the order they were sent. One that is stored already, with its event still to come, is not marked. */
  messages(): SessionMessage[] {
    return [...this.#messages.values()]
  }

  isEmpty(): boolean {
    return this.#messages.size === 0
  }

  add(sent: SentMessage): void {
    const message = foldedMessage(sent)
    if (message) this.#messages.set(sent.id, { ...message, pending: 'sending' })
  }

  /** The server stored it. Says, as all below, whether that changes anything. */
  settle(id: string): boolean {
    const message = this.#messages.get(id)
    if (!message?.pending) return false
    const { pending: _, ...stored } = message
    this.#messages.set(id, stored)
    return true
  }

  /** It was seen in the journal, or will never be. */
  drop(id: string): boolean {
    return this.#messages.delete(id)
  }

  /** Nothing more will be heard of what is stored: it came and went while we were away. */
  dropSettled(): boolean {
    return this.messages().filter(({ id, pending }) => !pending && this.drop(id)).length > 0
  }

  /** What the server has not stored will not be sent from here. */
  dropPending(): void {
    for (const { id, pending } of this.messages()) if (pending) this.drop(id)
  }

  /** They are another user's. */
  clear(): void {
    this.#messages.clear()
  }

  /** A snapshot shows these already. */
  dropShown({ messages, queue }: Transcript): void {
    for (const { id } of messages) this.drop(id)
    for (const { message } of queue) this.drop(message.id)
  }
}

/** A message as it will stand in the timeline. The fold itself makes it, so that its journaled form takes its place without a jump. */
function foldedMessage(sent: SentMessage): SessionMessage | undefined {
  const input = { threadId: '', runId: '', messages: [sent], tools: [], context: [] }
  const [message] = applyEvents(EMPTY_TRANSCRIPT, [{ type: 'RUN_STARTED', threadId: '', runId: '', input }]).messages
  if (!message) return undefined
  const { run: _, ...shown } = message
  return shown
}
