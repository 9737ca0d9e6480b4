import isomorphicWs from 'isomorphic-ws'
import { SessionError } from '../errors.ts'
import { SUBPROTOCOL } from '../protocol/index.ts'

/** What the client reads of a WebSocket's events: `data` of a message, `code` and `reason` of a close, `error` of an error in Node. */
export interface SocketEvent {
  readonly type?: string
  readonly data?: unknown
  readonly code?: number
  readonly reason?: string
  readonly error?: unknown
}

/**
 * What the client needs of a WebSocket; the browser's, `ws` and React Native's all have it. One that has to ask its server anew for everything,
 * as an event stream has, opens several times: each `open` is answered by a hello, and what came before it is over.
 */
export interface Socket {
  readonly readyState: number
  addEventListener(type: 'open' | 'message' | 'error' | 'close', listener: (event: SocketEvent) => void): void
  send(text: string): void
  close(code?: number, reason?: string): void
  /** How long it may bring nothing and be alive, where that is longer than a ping takes. */
  silenceMs?(): number
}

/** A WebSocket class. */
export type SocketConstructor = new (url: string, protocols: string[]) => Socket

/** Opens a socket with the given class, or with the platform's. */
export function openSocket(url: string, given: SocketConstructor | undefined): Socket {
  const WebSocket = given ?? unwrap(isomorphicWs) ?? (globalThis as { WebSocket?: SocketConstructor }).WebSocket
  if (WebSocket === undefined) throw new SessionError('unreachable', 'there is no WebSocket here: pass one to connect({ WebSocket })')
  return new WebSocket(url, [SUBPROTOCOL])
}

/** Bundlers disagree on what the default import of isomorphic-ws is: the class, or a module around it. */
function unwrap(imported: unknown): SocketConstructor | undefined {
  if (typeof imported === 'function') return imported as SocketConstructor
  const inner = (imported as { default?: unknown } | null | undefined)?.default
  return inner === undefined ? undefined : unwrap(inner)
}
