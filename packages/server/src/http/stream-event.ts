import { formatCursor, type ServerFrame } from '@throughline/sdk/protocol'

/** A frame as an event of an event stream. */
export interface StreamEvent {
  readonly type: ServerFrame['type']
  readonly text: string
}

/**
 * Writes an encoded frame as an event: `event` its type, `data` the frame as it is, and `id` the cursor where the frame moves it, which a client gives back
 * as `Last-Event-ID`.
 */
export function streamEvent(encoded: string): StreamEvent {
  const frame = JSON.parse(encoded) as ServerFrame
  const cursor = cursorOf(frame)
  const id = cursor === undefined ? '' : `id: ${cursor}\n`
  const retry = frame.type === 'bye' ? `retry: ${frame.retryMs}\n` : ''
  return { type: frame.type, text: `${id}${retry}event: ${frame.type}\ndata: ${encoded}\n\n` }
}

function cursorOf(frame: ServerFrame): string | undefined {
  if (frame.type === 'batch') return formatCursor(frame.mark, frame.to)
  if (frame.type === 'attached' && !frame.resumed) return frame.snapshot.cursor
  return undefined
}
