import type { Message } from '../protocol/events.ts'
import type { Run, TranscriptMessage } from '../protocol/transcript.ts'
import { defined } from './defined.ts'
import { addPart, editPart, ownMessages, type Draft } from './draft.ts'
import { isSaid, toMessage, toParts, toResult } from './from-ag-ui.ts'
import { setResult } from './tools.ts'

/**
 * Adds an AG-UI message that came whole to the end of the active run. A tool message becomes its call's result; where the call is
 * not known, as in a window that begins after it, it has no place.
 */
export function addMessage(draft: Draft, { id: run, by }: Run, message: Message, at: number | undefined): void {
  if (message.role === 'tool') setResult(draft, message.toolCallId, toResult(message), at)
  else if (isSaid(message)) ownMessages(draft).push(defined<TranscriptMessage>({ ...toMessage(message), run, at, by }))
  else
    for (const part of toParts(message)) {
      // A call is known by its id, whichever message it came with first.
      const isKnown = part.type === 'tool' && editPart(draft, 'tool', part.id, () => ({}))
      if (!isKnown) addPart(draft, part, at)
    }
}
