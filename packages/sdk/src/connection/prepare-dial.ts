import type { AskServer } from '../ask-server.ts'
import type { Clock } from '../clock.ts'
import type { WakeSource } from '../wake/wake-source.ts'
import type { Dial } from './dial.ts'
import { openSocket, type SocketConstructor } from './open-socket.ts'
import type { ReconnectOptions } from './reconnect.ts'

/** What dials need. */
export interface DialOptions {
  readonly baseUrl: string
  readonly app: { readonly name: string; readonly version: string }
  readonly WebSocket: SocketConstructor | undefined
  readonly token: () => Promise<string | undefined>
  readonly ask: AskServer
  readonly clock: Clock
  readonly wake: WakeSource
}

/** Makes the function that makes dials ready. The code of the fallback is loaded when it is needed first. */
export function dialPreparer({ baseUrl, app, WebSocket, token, ask, clock, wake }: DialOptions): ReconnectOptions['prepare'] {
  const hello = { type: 'hello', client: app } as const
  // React Native has no streams: there an answer comes when it is whole.
  const network = { isBuffering: !('ReadableStream' in globalThis) }
  const isAway = () => wake.hidden() || wake.offline()

  async function toWebSocket(): Promise<Dial> {
    const fresh = await token()
    return {
      hello: fresh === undefined ? hello : { ...hello, token: fresh },
      openSocket: () => openSocket(`${baseUrl.replace(/^http/, 'ws')}/socket`, WebSocket),
    }
  }

  return async (transport, why, onFound) => {
    if (transport === 'websocket') return toWebSocket()
    const { openFallback } = await import('./open-fallback.ts')
    return { hello, openSocket: () => openFallback({ ask, clock, network, why, prepare: toWebSocket, isAway, onFound }) }
  }
}
