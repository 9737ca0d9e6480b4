import type { FastifyReply } from 'fastify'
import type { ViewerLink } from '../journal/viewer-link.ts'
import type { Timers } from '../timers.ts'
import { openEventStream } from './event-stream.ts'
import { streamEvent } from './stream-event.ts'

/** What a link over an event stream works with. */
export interface StreamLinkStart {
  readonly reply: FastifyReply
  readonly timers: Timers
  /** How often a comment is sent, so that nothing between takes the stream for dead. */
  readonly heartbeatMs: number
  /** The stream is over, ended from either side. */
  readonly onOver: () => void
}

/**
 * Opens the way to one client that follows one session over an event stream, as the answer to a request. The answer begins with the first frame:
 * until then the request can still be refused with a status.
 */
export function openStreamLink({ reply, timers, heartbeatMs, onOver }: StreamLinkStart): ViewerLink {
  let heartbeatTimer: unknown
  let isOver = false
  const stream = openEventStream({
    reply,
    timers,
    onStalled: () => stream.destroy(),
    onOver() {
      isOver = true
      timers.clearTimeout(heartbeatTimer)
      onOver()
    },
  })

  function send(encoded: Buffer | string): void {
    if (isOver) return
    const event = streamEvent(encoded.toString())
    stream.write(event.text)
    heartbeatTimer ??= timers.setTimeout(heartbeat, heartbeatMs)
    if (event.type === 'detached' || event.type === 'bye') stream.end()
  }

  function heartbeat(): void {
    stream.write(': \n\n')
    heartbeatTimer = timers.setTimeout(heartbeat, heartbeatMs)
  }

  return { send, hasRoom: stream.hasRoom, whenRoom: stream.whenRoom, close: stream.end }
}
