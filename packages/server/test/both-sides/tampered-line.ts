import { webSocketTo, type PairedSocket, type Wire } from '@throughline/sdk/testing'
import type { WebSocket } from 'ws'
import type { Edge } from '../../src/http/edge.ts'
import { serveSocket } from '../../src/http/socket.ts'

/** What a line may do to a frame on its way to the client. */
export type Tampering = 'pass' | 'repeat' | 'lose'

/** The lines of one client to a server: one after the other, as links come and go. */
export interface Lines {
  /** What the client takes for the platform's WebSocket. */
  readonly WebSocket: ReturnType<typeof webSocketTo>
  /** The newest line. */
  readonly wire: () => Wire | undefined
}

/** Leads a client to a server in memory; `tamper` decides about each batch. */
export function tamperedLines(edge: Edge, tamper: () => Tampering): Lines {
  let newest: Wire | undefined
  const WebSocketToServer = webSocketTo((server, wire) => {
    newest = wire
    const request = { headers: {}, log: { debug: () => undefined, error: () => undefined, warn: () => undefined } }
    serveSocket(edge, serverEnd(server, wire, tamper), request as never)
  })
  return { WebSocket: WebSocketToServer, wire: () => newest }
}

/** A pair's end as Node's `ws` has it: with frames in pieces, and a pause for what comes in. */
function serverEnd(server: PairedSocket, wire: Wire, tamper: () => Tampering): WebSocket {
  let pieces: Buffer[] = []
  let isPaused = false
  const end = {
    get protocol() {
      return server.protocol
    },
    get isPaused() {
      return isPaused
    },
    on: (name: 'message' | 'close', listener: (...args: never[]) => void) => server.on(name, listener),
    close: (code: number, reason: string) => server.close(code, reason),
    terminate: () => server.terminate(),
    pause: () => {
      isPaused = true
      wire.hold('toServer')
    },
    resume: () => {
      isPaused = false
      wire.release('toServer')
    },
    send(piece: Buffer, { fin }: { readonly fin: boolean }, passed: () => void) {
      pieces.push(piece)
      if (!fin) return passed()
      const frame = Buffer.concat(pieces)
      pieces = []
      const fate = frame.includes('"type":"batch"') ? tamper() : 'pass'
      if (fate === 'lose') return passed()
      server.send(frame, passed)
      if (fate === 'repeat') server.send(frame)
    },
  }
  return end as unknown as WebSocket
}
