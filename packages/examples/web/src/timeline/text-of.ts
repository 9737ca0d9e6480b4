import type { SessionMessage } from '@throughline/sdk'

/** The words of messages, as somebody would paste them. */
export function textOf(messages: readonly SessionMessage[]): string {
  return messages.flatMap(({ parts }) => parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))).join('\n\n')
}
