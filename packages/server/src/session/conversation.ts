import type { TranscriptMessage } from '@throughline/sdk/protocol'
import type { Projection } from '../journal/projection.ts'
import type { Store } from '../store/port.ts'
import { idsIn } from './history.ts'
import { Refusal } from './refusal.ts'

/** How large the messages of a page may become, in encoded bytes, unless it is a single one: 1 MiB with what stands around up to 200 of them. */
const PAGE_BYTES = 1024 * 1024 - 1024

/** A page of a conversation, oldest message first. */
export interface MessagePage {
  readonly messages: readonly TranscriptMessage[]
  /** Whether there are older ones. */
  readonly more: boolean
}

/** What was said in a session, as far as it is stored: in memory the newest messages, in the store all. */
export interface Conversation {
  /** Whether a message of this id stands in it. */
  has(message: string): Promise<boolean>
  /** Whether a new message cannot have this id: one has it, or something that an agent said. Of parts, only those in memory are looked at. */
  isTaken(message: string): Promise<boolean>
  /** The messages before one, or the newest. */
  page(before: string | undefined, limit: number): Promise<MessagePage>
}

/** The conversation of a session. */
export function conversationOf(session: string, store: Store, projection: () => Promise<Projection>): Conversation {
  async function has(message: string): Promise<boolean> {
    const { transcript } = await projection()
    return transcript.messages.some(({ id }) => id === message) || isOlder(message)
  }

  /** Rows may be left of what a rewind took away. */
  async function isOlder(message: string): Promise<boolean> {
    const ordinal = await store.ordinalOf(session, message)
    return ordinal !== undefined && (await projection()).isBeforeWindow(ordinal)
  }

  return {
    has,
    async isTaken(message) {
      const { transcript } = await projection()
      return idsIn(transcript.messages).has(message) || isOlder(message)
    },
    async page(before, limit) {
      await (await projection()).save()
      const ordinal = before === undefined ? Number.MAX_SAFE_INTEGER : await store.ordinalOf(session, before)
      if (ordinal === undefined) throw new Refusal('invalid', `there is no message ${before ?? ''} in the session`)
      const rows = await store.messages(session, ordinal, limit, PAGE_BYTES)
      const messages = rows.map((row) => JSON.parse(row.json) as TranscriptMessage).toReversed()
      return { messages, more: (rows.at(-1)?.ordinal ?? 0) > 0 }
    },
  }
}
