import type { FastifyReply } from 'fastify'
import type { ViewerLink } from '../journal/viewer-link.ts'
import type { Timers } from '../timers.ts'
import { openOutflow } from './outflow.ts'
import { streamEvent } from './stream-event.ts'

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  // Tells nginx, and what follows its example, not to gather the answer first.
  'x-accel-buffering': 'no',
}

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
 * Opens the way to one client over an event stream, as the answer to a request. The answer begins with the first frame: until then
 * the request can still be refused with a status.
 */
export function openStreamLink({ reply, timers, heartbeatMs, onOver }: StreamLinkStart): ViewerLink {
  const { raw } = reply
  let state: 'prepared' | 'streaming' | 'over' = 'prepared'
  let heartbeatTimer: unknown
  const outflow = openOutflow({
    timers,
    write: (piece, _isLast, passed) => raw.write(piece, passed),
    onMoved: () => {},
    onStalled: () => link.close('slow_viewer'),
  })
  raw.on('close', end)
  // A client that is gone is no failure; its `close` follows.
  raw.on('error', () => {})

  function send(encoded: Buffer | string): void {
    if (state === 'over') return
    if (state === 'prepared') begin()
    const event = streamEvent(encoded.toString())
    outflow.send(Buffer.from(event.text))
    if (event.type === 'detached' || event.type === 'bye') link.close('shutdown')
  }

  function begin(): void {
    state = 'streaming'
    reply.hijack()
    // Headers that hooks have set, such as those of CORS, would be lost with the hijack.
    raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...HEADERS })
    heartbeatTimer = timers.setTimeout(heartbeat, heartbeatMs)
  }

  function heartbeat(): void {
    outflow.send(Buffer.from(': \n\n'))
    heartbeatTimer = timers.setTimeout(heartbeat, heartbeatMs)
  }

  function end(): void {
    if (state === 'over') return
    state = 'over'
    timers.clearTimeout(heartbeatTimer)
    outflow.stop()
    onOver()
  }

  const link: ViewerLink = {
    send,
    hasRoom: outflow.hasRoom,
    whenRoom: outflow.whenRoom,
    close(reason) {
      if (state === 'over') return
      if (state === 'prepared') begin()
      if (reason === 'slow_viewer') raw.destroy()
      else raw.end()
      end()
    },
  }
  return link
}
