import { CLOSE_CODES, encodeFrame, type CloseReason, type ServerFrame } from '@throughline/sdk/protocol'
import type { WebSocket } from 'ws'
import type { Timers } from '../timers.ts'
import type { ClientLink } from './client-link.ts'
import { Outflow } from './outflow.ts'

/** How long a client has to close its side too. */
const LINGER_MS = 5_000

/** The close code of a connection that ended without one. */
const ABNORMAL = 1006

/** What a link over a socket works with. */
export interface SocketLinkStart {
  readonly socket: WebSocket
  readonly timers: Timers
  /** Some of a backlog went out. */
  readonly onMoved: () => void
  /** The link is over, closed from either side: nothing that the client still sends counts. */
  readonly onOver: (code: number) => void
}

/** The way to one client over a WebSocket. */
export class SocketLink implements ClientLink {
  readonly #start: SocketLinkStart
  readonly #outflow: Outflow
  #isOver = false
  #lingerTimer: unknown

  constructor(start: SocketLinkStart) {
    const { socket, timers, onMoved } = start
    this.#start = start
    this.#outflow = new Outflow({
      timers,
      // A client that said Close and keeps its connection open is noticed by nothing else.
      write: (piece, isLast, passed) =>
        socket.send(piece, { binary: false, compress: false, fin: isLast }, (error) => (error ? this.#end(ABNORMAL) : passed())),
      onMoved,
      onStalled: () => this.close('slow_viewer'),
    })
    socket.on('close', (code) => {
      timers.clearTimeout(this.#lingerTimer)
      this.#end(code)
    })
  }

  send(frame: Buffer | string): void {
    this.#outflow.send(typeof frame === 'string' ? Buffer.from(frame) : frame)
  }

  sendFrame(frame: ServerFrame): void {
    this.send(encodeFrame(frame))
  }

  hasRoom(): boolean {
    return this.#outflow.hasRoom()
  }

  whenRoom(callback: () => void): void {
    this.#outflow.whenRoom(callback)
  }

  keepRoom(): () => void {
    return this.#outflow.keepRoom()
  }

  inTurn(prepare: () => Promise<() => void>): Promise<void> {
    return this.#outflow.inTurn(prepare)
  }

  /** Reads nothing more from the client until there is room for answers: one that asks and never reads could fill the memory. */
  waitForRoom(): void {
    const { socket } = this.#start
    if (this.#isOver || this.hasRoom() || socket.isPaused) return
    socket.pause()
    this.whenRoom(() => socket.resume())
  }

  close(reason: CloseReason, lastWord?: ServerFrame): void {
    const { socket, timers } = this.#start
    if (this.#isOver) return
    if (lastWord !== undefined) this.#outflow.end(() => {}, Buffer.from(encodeFrame(lastWord)))
    this.#lingerTimer = timers.setTimeout(() => socket.terminate(), LINGER_MS)
    socket.resume()
    socket.close(CLOSE_CODES[reason], reason)
    this.#end(CLOSE_CODES[reason])
  }

  #end(code: number): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#outflow.stop()
    this.#start.onOver(code)
  }
}
