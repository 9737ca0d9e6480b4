import type { SessionEvent } from '@throughline/sdk/protocol'

/** The one message of a session; as long as the ids of most agents. */
export const MESSAGE_ID = 'msg_01JZ8Q4XK7T2V9WB3N5RFAYHCD'

/** A token as an AG-UI event: what an agent yields, and what each peer has to bring to its viewers. */
export function tokenEvent(delta: string): SessionEvent & { readonly delta: string } {
  return { type: 'TEXT_MESSAGE_CONTENT', messageId: MESSAGE_ID, delta }
}

const DELTA = Buffer.from('"delta":"')
const QUOTE = 34

/** Finds the tokens in bytes of JSON without parsing it. */
export function eachDelta(bytes: Buffer, onText: (text: string) => void): void {
  for (let at = bytes.indexOf(DELTA); at >= 0; at = bytes.indexOf(DELTA, at)) {
    const begin = at + DELTA.length
    at = bytes.indexOf(QUOTE, begin)
    onText(bytes.toString('latin1', begin, at))
  }
}
