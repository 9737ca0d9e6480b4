import type { Client, UnsentCommand } from '@throughline/sdk'
import { errorWords } from '../error-words.ts'

/** Something that was typed and did not reach the server, with the reason. */
export interface UnsentNote {
  readonly id: string
  readonly what: 'message' | 'answer' | 'other'
  readonly text: string
  readonly why: string
}

/** What was not sent in one session: kept until somebody has sent it again or thrown it away, also over a reload. */
export interface UnsentNotes {
  readonly list: () => readonly UnsentNote[]
  readonly add: (note: UnsentNote) => void
  readonly remove: (id: string) => void
}

/** Begins with what an earlier page has kept; `changed` is told when that is known, and after each change. */
export function unsentNotes(client: Pick<Client, 'recall' | 'remember'>, session: string, changed: () => void): UnsentNotes {
  const name = `web/unsent/${session}`
  let notes: readonly UnsentNote[] = []
  const recalled = client.recall(name).then((kept) => {
    if (!Array.isArray(kept)) return
    notes = [...(kept as readonly UnsentNote[]), ...notes]
    changed()
  })

  function become(next: readonly UnsentNote[]): void {
    notes = next
    changed()
    // Not before the earlier ones are here, or these would take their place.
    void recalled.then(() => client.remember(name, notes.length === 0 ? undefined : notes))
  }

  return {
    list: () => notes,
    add: (note) => become([...notes.filter(({ id }) => id !== note.id), note]),
    remove: (id) => become(notes.filter((note) => note.id !== id)),
  }
}

/** The note of a command that the SDK could not send. */
export function noteOfUnsent({ command, text, error }: UnsentCommand): UnsentNote {
  const { id } = command
  const why = error.code === 'expired' ? 'It waited for a day and found no connection.' : errorWords(error)
  if (command.type === 'send') return { id, what: 'message', text, why }
  if (command.type !== 'answer') return { id, what: 'other', text: '', why }
  const { payload } = command
  return { id, what: 'answer', text: typeof payload === 'string' ? payload : (JSON.stringify(payload) ?? ''), why }
}
