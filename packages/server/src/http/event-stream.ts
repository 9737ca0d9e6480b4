import type { FastifyReply } from 'fastify'
import type { Timers } from '../timers.ts'
import { openOutflow, type Outflow } from './outflow.ts'

const HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-store, no-transform',
  // Tells nginx, and what follows its example, not to gather the answer first.
  'x-accel-buffering': 'no',
}

/** How long a client has to take what is left. */
const LINGER_MS = 5_000

/** An event stream as the answer to a request. It begins with the first text: until then the request can still be refused with a status. */
export interface EventStream extends Pick<Outflow, 'hasRoom' | 'whenRoom'> {
  readonly write: (text: Buffer | string) => void
  /** Ends it when the client has taken what was written. */
  readonly end: () => void
  /** Cuts it off. */
  readonly destroy: () => void
}

/** What an event stream works with. */
export interface EventStreamStart {
  readonly reply: FastifyReply
  readonly timers: Timers
  /** The client took nothing for 15 s although something waits. */
  readonly onStalled: () => void
  /** Some of a backlog went out. */
  readonly onMoved?: () => void
  /** The stream is over, ended from either side: nothing that is written any more is sent. */
  readonly onOver: () => void
}

/** Prepares the answer to a request as an event stream. */
export function openEventStream({ reply, timers, onStalled, onMoved = () => {}, onOver }: EventStreamStart): EventStream {
  const { raw } = reply
  let state: 'prepared' | 'streaming' | 'over' = 'prepared'
  let lingerTimer: unknown
  const outflow = openOutflow({ timers, write: (piece, _isLast, passed) => raw.write(piece, passed), onMoved, onStalled })
  raw.on('close', () => {
    timers.clearTimeout(lingerTimer)
    outflow.stop()
    finish()
  })
  // A client that is gone is no failure; its `close` follows.
  raw.on('error', () => {})

  function write(text: Buffer | string): void {
    if (state === 'over') return
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

  function end(): void {
    if (state === 'over') return
    begin()
    lingerTimer = timers.setTimeout(() => raw.destroy(), LINGER_MS)
    outflow.end(() => raw.end())
    finish()
  }

  function finish(): void {
    if (state === 'over') return
    state = 'over'
    onOver()
  }

  return { write, hasRoom: outflow.hasRoom, whenRoom: outflow.whenRoom, end, destroy: () => raw.destroy() }
}
