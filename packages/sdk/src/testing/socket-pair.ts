import { EventEmitter } from 'eventemitter3'
import type { Socket, SocketConstructor } from '../connection/open-socket.ts'

/**
 * One end of a socket in memory. It can stand where a browser's WebSocket is expected (`onmessage`…) and where a server expects
 * one of `ws` (`on('message')`, `bufferedAmount`, `terminate`).
 */
export interface PairedSocket extends Socket {
  readonly protocol: string
  readonly url: string
  /** Bytes handed over and not yet delivered. */
  readonly bufferedAmount: number
  readonly CONNECTING: 0
  readonly OPEN: 1
  readonly CLOSING: 2
  readonly CLOSED: 3
  send(frame: string | Uint8Array, options?: object | ((error?: Error) => void), sent?: (error?: Error) => void): void
  /** Ends the connection without a word; both sides see 1006. */
  terminate(): void
  on(name: 'open' | 'message' | 'close' | 'error', listener: (...args: never[]) => void): this
  once(name: 'open' | 'message' | 'close' | 'error', listener: (...args: never[]) => void): this
  off(name: 'open' | 'message' | 'close' | 'error', listener: (...args: never[]) => void): this
}

/** One way through a wire. */
export type Direction = 'toClient' | 'toServer'

/** What lies between the two ends, and what can go wrong with it. */
export interface Wire {
  /** From now on nothing arrives; it waits. */
  hold(...directions: Direction[]): void
  /** Delivers what waits, as one packet: its frames arrive in one turn, with no microtask between. What is sent later waits again. */
  flush(...directions: Direction[]): void
  /** Delivers what waits, and again everything that follows. */
  release(...directions: Direction[]): void
  /** The connection breaks, and both ends see it at once (1006). */
  cut(): void
  /** The connection breaks, and nobody sees it: nothing arrives any more, and no end is told. */
  blackHole(): void
}

/** Two ends and the wire between them. */
export interface SocketPair {
  readonly client: PairedSocket
  readonly server: PairedSocket
  readonly wire: Wire
}

/** Takes a connection on the server's side; a `cut` in here refuses it. */
export type Accept = (server: PairedSocket, wire: Wire, request: { readonly url: string; readonly protocols: readonly string[] }) => void

/** A WebSocket class whose sockets lead to the given function, each as an end of a pair of its own. */
export function webSocketTo(accept: Accept): SocketConstructor {
  return class {
    constructor(url: string, protocols: readonly string[] = []) {
      const { client, server, wire, open } = closedPair(url, protocols[0] ?? '')
      queueMicrotask(() => {
        accept(server, wire, { url, protocols })
        open()
      })
      return client
    }
  } as unknown as SocketConstructor
}

const BOTH: readonly Direction[] = ['toClient', 'toServer']
const NO_STATUS = 1005
const BROKEN = 1006

/**
 * Two sockets that talk to each other in memory, packet by packet: what one end sends in a turn, the other gets in a turn, frame
 * after frame with no microtask between, as Node's `ws` does with frames that share a packet.
 */
export function socketPair(url = 'ws://pair', protocol = ''): SocketPair {
  const { open, ...pair } = closedPair(url, protocol)
  open()
  return pair
}

function closedPair(url: string, protocol: string): SocketPair & { readonly open: () => void } {
  const toClient = lane()
  const toServer = lane()
  const server = new End(url, protocol, toClient)
  const client = new End(url, protocol, toServer)
  toClient.deliver = (parcel) => client.receive(parcel)
  toServer.deliver = (parcel) => server.receive(parcel)

  const lanes = { toClient, toServer }
  const each = (directions: readonly Direction[], act: (lane: Lane) => void) => {
    for (const direction of directions.length > 0 ? directions : BOTH) act(lanes[direction])
  }
  return {
    client,
    server,
    wire: {
      hold: (...directions) => each(directions, (held) => held.hold()),
      flush: (...directions) => each(directions, (held) => held.flush()),
      release: (...directions) => each(directions, (held) => held.release()),
      cut: () => {
        client.end(BROKEN, '')
        server.end(BROKEN, '')
      },
      blackHole: () => each([], (lost) => lost.lose()),
    },
    open: () => {
      server.receive({ kind: 'open' })
      toClient.post({ kind: 'open' })
    },
  }
}

type Parcel =
  | { readonly kind: 'open' }
  | { readonly kind: 'frame'; readonly text: string; readonly bytes: number; readonly sent?: ((error?: Error) => void) | undefined }
  /** `answer`: the other end has closed, too. */
  | { readonly kind: 'close'; readonly code: number; readonly reason: string; readonly answer: boolean }

interface Lane {
  deliver: (parcel: Parcel) => void
  post(parcel: Parcel): void
  waitingBytes(): number
  hold(): void
  flush(): void
  release(): void
  lose(): void
}

/** One direction: what is posted in one turn leaves as one packet. */
function lane(): Lane {
  let state: 'flowing' | 'held' | 'lost' = 'flowing'
  let waiting: Parcel[] = []
  let isScheduled = false

  function flush(): void {
    const packet = waiting
    waiting = []
    for (const parcel of packet) self.deliver(parcel)
  }

  function schedule(): void {
    if (isScheduled || state !== 'flowing') return
    isScheduled = true
    queueMicrotask(() => {
      isScheduled = false
      if (state === 'flowing') flush()
    })
  }

  const self: Lane = {
    deliver: () => {},
    post: (parcel) => {
      waiting.push(parcel)
      schedule()
    },
    waitingBytes: () => waiting.reduce((bytes, parcel) => bytes + (parcel.kind === 'frame' ? parcel.bytes : 0), 0),
    hold: () => {
      if (state === 'flowing') state = 'held'
    },
    flush: () => {
      if (state !== 'lost') flush()
    },
    release: () => {
      if (state === 'held') state = 'flowing'
      schedule()
    },
    lose: () => {
      state = 'lost'
    },
  }
  return self
}

class End implements PairedSocket {
  readonly CONNECTING = 0
  readonly OPEN = 1
  readonly CLOSING = 2
  readonly CLOSED = 3
  readyState = 0
  readonly url: string
  readonly protocol: string
  onopen: Socket['onopen'] = null
  onmessage: Socket['onmessage'] = null
  onerror: Socket['onerror'] = null
  onclose: Socket['onclose'] = null
  readonly #out: Lane
  readonly #emitter = new EventEmitter()

  constructor(url: string, protocol: string, out: Lane) {
    this.url = url
    this.protocol = protocol
    this.#out = out
  }

  get bufferedAmount(): number {
    return this.#out.waitingBytes()
  }

  send(frame: string | Uint8Array, options?: object | ((error?: Error) => void), sent?: (error?: Error) => void): void {
    if (this.readyState === this.CONNECTING) throw new Error('the socket is not open yet')
    if (this.readyState !== this.OPEN) return
    const bytes = typeof frame === 'string' ? new TextEncoder().encode(frame) : frame
    const text = typeof frame === 'string' ? frame : new TextDecoder().decode(frame)
    this.#out.post({ kind: 'frame', text, bytes: bytes.byteLength, sent: typeof options === 'function' ? (options as () => void) : sent })
  }

  close(code = NO_STATUS, reason = ''): void {
    if (this.readyState >= this.CLOSING) return
    this.readyState = this.CLOSING
    this.#out.post({ kind: 'close', code, reason, answer: false })
  }

  terminate(): void {
    this.#out.post({ kind: 'close', code: BROKEN, reason: '', answer: true })
    this.end(BROKEN, '')
  }

  receive(parcel: Parcel): void {
    if (this.readyState === this.CLOSED) return
    switch (parcel.kind) {
      case 'open':
        this.readyState = this.OPEN
        return this.#tell('open', {}, [])
      case 'frame':
        parcel.sent?.()
        return this.#tell('message', { data: parcel.text }, [toBuffer(parcel.text), false])
      case 'close':
        if (!parcel.answer) this.#out.post({ ...parcel, answer: true })
        return this.end(parcel.code, parcel.reason)
      default:
        return parcel satisfies never
    }
  }

  /** This end is closed, now. */
  end(code: number, reason: string): void {
    if (this.readyState === this.CLOSED) return
    this.readyState = this.CLOSED
    this.#tell('close', { code, reason, wasClean: code !== BROKEN }, [code, toBuffer(reason)])
  }

  on(name: string, listener: (...args: never[]) => void): this {
    this.#emitter.on(name, listener as () => void)
    return this
  }

  once(name: string, listener: (...args: never[]) => void): this {
    this.#emitter.once(name, listener as () => void)
    return this
  }

  off(name: string, listener: (...args: never[]) => void): this {
    this.#emitter.off(name, listener as () => void)
    return this
  }

  #tell(name: 'open' | 'message' | 'close', event: object, args: readonly unknown[]): void {
    this[`on${name}`]?.(event as never)
    this.#emitter.emit(name, ...args)
  }
}

/** What `ws` would give: a Buffer where there is one. */
function toBuffer(text: string): unknown {
  return (globalThis as { Buffer?: { from(text: string): unknown } }).Buffer?.from(text) ?? text
}
