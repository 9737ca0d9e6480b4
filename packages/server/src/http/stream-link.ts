import { encodeFrame, type ServerFrame } from '@throughline/sdk/protocol'
import type { FastifyReply } from 'fastify'
import type { ViewerLink } from '../journal/viewer-link.ts'
import type { Timers } from '../timers.ts'
import { openEventStream } from './event-stream.ts'
import { streamEvent } from './stream-event.ts'

/** The way to one client that follows one session over an event stream. */
export interface StreamLink extends ViewerLink {
  /** Ends the stream with this frame, which goes ahead of what has not begun to leave. */
  readonly endWith: (frame: ServerFrame) => void
}

/** What a link over an event stream works with. */
export interface StreamLinkStart {
  readonly reply: FastifyReply
  readonly timers: Timers
  /** How often a comment is sent, so that nothing between takes the stream for dead. */
  readonly heartbeatMs: number
  /** The stream is over, ended from either side. */
  readonly onOver: () => void
  /** Nothing of it is left: the client has taken all, or is gone. */
  readonly onGone: () => void
}

/** Opens such a way as the answer to a request. The answer begins with the first frame: until then the request can still be refused with a status. */
export function openStreamLink({ reply, timers, heartbeatMs, onOver, onGone }: StreamLinkStart): StreamLink {
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
    onGone,
  })

  function send(encoded: Buffer | string): void {
    if (isOver) return
    const event = streamEvent(encoded.toString())
    stream.write(event.text)
    heartbeatTimer ??= timers.setTimeout(heartbeat, heartbeatMs)
    if (event.type === 'detached') stream.end()
  }

  function heartbeat(): void {
    stream.write(': \n\n')
    heartbeatTimer = timers.setTimeout(heartbeat, heartbeatMs)
  }

  return {
    send,
    hasRoom: stream.hasRoom,
    whenRoom: stream.whenRoom,
    keepRoom: stream.keepRoom,
    inTurn: stream.inTurn,
    close: stream.end,
    endWith: (frame) => stream.endWith(streamEvent(encodeFrame(frame)).text),
  }
}
