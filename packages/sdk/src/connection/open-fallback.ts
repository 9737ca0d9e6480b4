import type { TransportReason } from './choose-transport.ts'
import type { Socket } from './open-socket.ts'
import { seekWebSocket, type SeekWebSocketOptions } from './seek-websocket.ts'
import { openStreamSocket, type StreamSocketOptions } from './stream-socket.ts'

/** What the fallback needs. */
export interface FallbackOptions extends Omit<StreamSocketOptions, 'onOver'>, Omit<SeekWebSocketOptions, 'firstMs'> {
  /** Why there is no WebSocket. */
  readonly why: TransportReason
}

const SOON_MS = 2_000
const LATER_MS = 300_000

/** Opens a socket over HTTP that looks for a WebSocket as long as it lives. */
export function openFallback({ why, ...options }: FallbackOptions): Socket {
  // Dials that got no answer may have been those to a server that was just starting.
  const stop = seekWebSocket({ ...options, firstMs: why === 'unanswered' ? SOON_MS : LATER_MS })
  return openStreamSocket({ ...options, onOver: stop })
}
