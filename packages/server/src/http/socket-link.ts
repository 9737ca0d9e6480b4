import { CLOSE_CODES, encodeFrame } from '@throughline/sdk/protocol'
import type { WebSocket } from 'ws'
import type { Timers } from '../timers.ts'
import type { ClientLink } from './client-link.ts'
import { openOutflow } from './outflow.ts'

/** How long a client has to close its side too. */
const LINGER_MS = 5_000

/** The way to one client over a WebSocket. */
export interface SocketLink extends ClientLink {
  /** Reads nothing more from the client until there is room for answers: one that asks and never reads could fill the memory. */
  waitForRoom(): void
}

/** What a link over a socket works with. */
export interface SocketLinkStart {
  readonly socket: WebSocket
  readonly timers: Timers
  /** Some of a backlog went out. */
  readonly onMoved: () => void
  /** The link is over, closed from either side: nothing that the client still sends counts. */
  readonly onOver: (code: number) => void
}

/** Opens the way out over a socket. */
export function openSocketLink({ socket, timers, onMoved, onOver }: SocketLinkStart): SocketLink {
  let isOver = false
  let lingerTimer: unknown
  const outflow = openOutflow({
    timers,
    write: (piece, isLast, passed) => socket.send(piece, { binary: false, compress: false, fin: isLast }, passed),
    onMoved,
    onStalled: () => link.close('slow_viewer'),
  })
  socket.on('close', (code) => {
    timers.clearTimeout(lingerTimer)
    end(code)
  })

  function end(code: number): void {
    if (isOver) return
    isOver = true
    outflow.stop()
    onOver(code)
  }

  const link: SocketLink = {
    send: (frame) => outflow.send(typeof frame === 'string' ? Buffer.from(frame) : frame),
    sendFrame: (frame) => link.send(encodeFrame(frame)),
    hasRoom: outflow.hasRoom,
    whenRoom: outflow.whenRoom,
    waitForRoom() {
      if (isOver || outflow.hasRoom() || socket.isPaused) return
      socket.pause()
      outflow.whenRoom(() => socket.resume())
    },
    close(reason) {
      if (isOver) return
      lingerTimer = timers.setTimeout(() => socket.terminate(), LINGER_MS)
      socket.resume()
      socket.close(CLOSE_CODES[reason], reason)
      end(CLOSE_CODES[reason])
    },
  }
  return link
}
