import type { FastifyReply } from 'fastify'
import type { Timers } from '../timers.ts'
import { Outflow, STALL_MS } from './outflow.ts'

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // Tells nginx, and what follows its example, not to gather the answer first.
  'x-accel-buffering': 'no',
}

/** How long a client has to take a last word. */
const LINGER_MS = 5_000

/** An event stream as the answer to a request. It begins with the first text: until then the request can still be refused with a status. */
export interface EventStream extends Pick<Outflow, 'hasRoom' | 'whenRoom' | 'keepRoom' | 'inTurn'> {
  readonly write: (text: Buffer | string) => void
  /** Ends it when the client has taken what was written, however long that takes; one that takes nothing for 15 s is cut off. */
  readonly end: () => void
  /** Ends it with a text that goes ahead of all that has not begun to leave, and cuts it off 5 s later. */
  readonly endWith: (text: string) => void
  /** Cuts it off. */
  readonly destroy: () => void
}

/** What an event stream works with. */
export interface EventStreamStart {
  readonly reply: FastifyReply
  readonly timers: Timers
  /** The client took nothing for 15 s although something waits. */
  readonly onStalled: () => void
  /** The stream was ended, from either side: nothing that is written any more is sent. Never called before this returned. */
  readonly onOver: () => void
  /** Nothing of it is left: the client has taken all, or is gone. */
  readonly onGone: () => void
}

/** Prepares the answer to a request as an event stream. */
export function openEventStream({ reply, timers, onStalled, onOver, onGone }: EventStreamStart): EventStream {
  const { raw } = reply
  let state: 'prepared' | 'streaming' | 'ending' | 'gone' = 'prepared'
  let cutTimer: unknown
  const outflow = new Outflow({
    timers,
    // A client that left before this began is noticed by nothing else.
    write: (piece, _isLast, passed) => raw.write(piece, (error) => (error ? leave() : passed())),
    onMoved: () => {},
    onStalled: () => (state === 'ending' ? destroy() : onStalled()),
  })
  raw.on('close', leave)
  // A client that is gone is no failure; its `close` follows.
  raw.on('error', () => {})
  // It left while its request was looked at: no `close` follows any more.
  if (raw.destroyed) queueMicrotask(leave)

  function write(text: Buffer | string): void {
    if (!isOpen()) return
    begin()
    outflow.send(typeof text === 'string' ? Buffer.from(text) : text)
  }

  function begin(): void {
    if (state !== 'prepared') return
    state = 'streaming'
    reply.hijack()
    // Headers that hooks have set, such as those of CORS, would be lost with the hijack.
    raw.writeHead(200, { ...(reply.getHeaders() as Record<string, string>), ...HEADERS })
  }

  function end(lastWord?: Buffer): void {
    if (!isOpen()) return
    begin()
    state = 'ending'
    outflow.end(() => {
      raw.end()
      cutTimer ??= timers.setTimeout(destroy, STALL_MS)
    }, lastWord)
    onOver()
  }

  function endWith(text: string): void {
    end(Buffer.from(text))
    if (state !== 'ending') return
    timers.clearTimeout(cutTimer)
    cutTimer = timers.setTimeout(destroy, LINGER_MS)
  }

  function destroy(): void {
    raw.destroy()
    leave()
  }

  function leave(): void {
    if (state === 'gone') return
    const wasOpen = isOpen()
    state = 'gone'
    timers.clearTimeout(cutTimer)
    outflow.stop()
    if (wasOpen) onOver()
    onGone()
  }

  function isOpen(): boolean {
    return state === 'prepared' || state === 'streaming'
  }

  return {
    write,
    hasRoom: () => outflow.hasRoom(),
    whenRoom: (callback) => outflow.whenRoom(callback),
    keepRoom: () => outflow.keepRoom(),
    inTurn: (prepare) => outflow.inTurn(prepare),
    end: () => end(),
    endWith,
    destroy,
  }
}
