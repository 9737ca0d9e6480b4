import { SessionError } from '../errors.ts'
import type { ContentPart, TranscriptMessage } from '../protocol/index.ts'

/** What a regenerate sends: the first message that goes and, where no answer stands after the question, the question once more. */
export interface Regenerated {
  readonly replaces: string
  readonly content?: ContentPart[]
}

/** Finds what has to go so that the question of a message, or the last one, is answered anew. Throws `invalid` where there is none. */
export function regenerated(messages: readonly TranscriptMessage[], messageId: string | undefined): Regenerated {
  const end = messageId === undefined ? messages.length : messages.findIndex(({ id }) => id === messageId) + 1
  const question = messages.slice(0, end).findLastIndex(({ role }) => role === 'user')
  const [asked, answer] = messages.slice(question, question + 2)
  if (question < 0 || !asked) throw new SessionError('invalid', 'there is no question to answer anew here: load older messages first')
  return answer ? { replaces: answer.id } : { replaces: asked.id, content: contentOf(asked) }
}

function contentOf({ parts }: TranscriptMessage): ContentPart[] {
  return parts.flatMap((part): ContentPart[] => {
    if (part.type === 'text') return [{ type: 'text', text: part.text }]
    if (part.type !== 'file') return []
    const { media, source, metadata } = part
    return [{ type: media, source, ...(metadata !== undefined && { metadata }) }]
  })
}
