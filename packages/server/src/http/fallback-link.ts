import { CLOSE_CODES, encodeFrame, type ClosedFrame } from '@throughline/sdk/protocol'
import type { FastifyReply } from 'fastify'
import type { Timers } from '../timers.ts'
import type { ClientLink } from './client-link.ts'
import { openEventStream } from './event-stream.ts'
import { startPoll } from './poll.ts'

/** A comment that fills the buffers of proxies and old browsers, which hold back the beginning of an answer. */
const PADDING = `:${' '.repeat(2048)}\n\n`

/** What a link over an event stream works with. */
export interface FallbackLinkStart {
  readonly reply: FastifyReply
  readonly timers: Timers
  /** Whether the stream goes on until the link closes; else it ends with its first news. */
  readonly hold: boolean
  /** The link is over, ended from either side. */
  readonly onOver: () => void
  /** Nothing of it is left: the client has taken all, or is gone. */
  readonly onGone: () => void
}

/**
 * Opens the way to one client over an event stream that stands in for a WebSocket, as the answer to a request: a message of the socket is a
 * `data:` of the stream, and its close the last of them.
 */
export function openFallbackLink({ reply, timers, hold, onOver, onGone }: FallbackLinkStart): ClientLink {
  const stream = openEventStream({
    reply,
    timers,
    onStalled: () => link.close('slow_viewer'),
    onOver() {
      poll?.stop()
      onOver()
    },
    onGone,
  })
  const poll = hold ? undefined : startPoll(timers, stream.end)
  if (hold) stream.write(PADDING)

  const link: ClientLink = {
    send(frame) {
      stream.write(typeof frame === 'string' ? `data: ${frame}\n\n` : Buffer.concat([DATA, frame, END]))
      poll?.note(frame)
    },
    sendFrame: (frame) => link.send(encodeFrame(frame)),
    hasRoom: stream.hasRoom,
    whenRoom: stream.whenRoom,
    keepRoom: stream.keepRoom,
    inTurn: stream.inTurn,
    close(reason, lastWord) {
      const closed: ClosedFrame = { type: 'closed', code: CLOSE_CODES[reason], reason }
      stream.endWith([...(lastWord === undefined ? [] : [lastWord]), closed].map((frame) => `data: ${encodeFrame(frame)}\n\n`).join(''))
    },
  }
  return link
}

const DATA = Buffer.from('data: ')
const END = Buffer.from('\n\n')
