import { EventEmitter } from 'eventemitter3'
import type { Socket, SocketEvent } from '../connection/open-socket.ts'
import type { Lane, Parcel } from './lane.ts'

/**
 * One end of a socket in memory. It can stand where a browser's WebSocket is expected (`addEventListener`) and where a server expects
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

const NO_STATUS = 1005
const BROKEN = 1006

/** One end as its wire sees it. */
export class WiredSocket implements PairedSocket {
  readonly CONNECTING = 0
  readonly OPEN = 1
  readonly CLOSING = 2
  readonly CLOSED = 3
  readyState = 0
  readonly url: string
  readonly protocol: string
  readonly #out: Lane
  /** What `on` listens to, and, by names of their own, what `addEventListener` does. */
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

  addEventListener(type: 'open' | 'message' | 'error' | 'close', listener: (event: SocketEvent) => void): void {
    this.#emitter.on(`${type} event`, listener)
  }

  on(name: string, listener: (...args: never[]) => void): this {
    this.#emitter.on(name, listener as never)
    return this
  }

  once(name: string, listener: (...args: never[]) => void): this {
    this.#emitter.once(name, listener as never)
    return this
  }

  off(name: string, listener: (...args: never[]) => void): this {
    this.#emitter.off(name, listener as never)
    return this
  }

  #tell(name: 'open' | 'message' | 'close', event: SocketEvent & { readonly wasClean?: boolean }, args: readonly unknown[]): void {
    this.#emitter.emit(`${name} event`, event)
    this.#emitter.emit(name, ...args)
  }
}

/** What `ws` would give: a Buffer where there is one. */
function toBuffer(text: string): unknown {
  return (globalThis as { Buffer?: { from(text: string): unknown } }).Buffer?.from(text) ?? text
}
