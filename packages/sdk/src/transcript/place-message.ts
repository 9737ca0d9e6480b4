import type { Message } from '../protocol/events.ts'
import type { Run, TranscriptMessage } from '../protocol/transcript.ts'
import { addPart, writeMessages, type Draft } from './draft.ts'
import { atOf } from './event-fields.ts'
import { toMessage, toParts, toResult } from './from-ag-ui.ts'
import { setResult } from './tool-parts.ts'

/**
 * Adds an AG-UI message that came whole to the end of the active run. A tool message becomes its call's result; where the call is
 * not known, as in a window that begins after it, it has no place.
 */
export function placeMessage(draft: Draft, run: Run, message: Message, event: { timestamp?: unknown }): void {
  switch (message.role) {
    case 'user':
    case 'system':
    case 'developer':
      writeMessages(draft).push({ ...toMessage(message), ...stampOf(run, event) })
      return
    case 'assistant':
    case 'reasoning':
    case 'activity':
      for (const part of toParts(message)) addPart(draft, part.type === 'activity' ? part : { ...part, ...atOf(event) }, atOf(event))
      return
    case 'tool':
      setResult(draft, message.toolCallId, toResult(message), event)
      return
    default:
      message satisfies never
  }
}

function stampOf(run: Run, event: { timestamp?: unknown }): Pick<TranscriptMessage, 'run' | 'at' | 'by'> {
  return { run: run.id, ...atOf(event), ...(run.by !== undefined && { by: run.by }) }
}
