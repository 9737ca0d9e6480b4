import { webSocketTo, type PairedSocket, type Wire } from '@throughline/sdk/testing'
import type { WebSocket } from 'ws'
import { serveSocket } from '../../src/http/socket.ts'
import type { Line, Tampering } from './line.ts'
import type { ServerProcess } from './restarting-server.ts'
import { streamingFetch, type Fetch } from './streaming-fetch.ts'

/** What of its network a page can use now. `whole answers`: no WebSockets, and of HTTP answers only what is whole. */
export type Reach = 'all' | 'no WebSockets' | 'whole answers' | 'nothing'

/** The lines of one page to a server: one after the other, as links come and go. */
export interface Lines {
  /** What the client takes for the platform's. */
  readonly WebSocket: ReturnType<typeof webSocketTo>
  readonly fetch: Fetch
  /** The newest line; undefined before the first. */
  readonly newest: () => Line | undefined
  readonly all: () => ReadonlySet<Line>
}

/** Leads a page to a server in memory, as far as its network reaches. */
export function linesTo(
  server: () => ServerProcess | undefined,
  reach: () => Reach,
  tampering: Tampering,
  count: (name: string) => void,
): Lines {
  const lines = new Set<Line>()
  let newest: Line | undefined
  const add = (line: Line) => {
    lines.add(line)
    newest = line
  }

  const WebSocketToServer = webSocketTo((socket, wire) => {
    const process = server()
    if (process === undefined || reach() !== 'all') return wire.cut()
    const line: Line = {
      ...wire,
      leave: () => {
        wire.blackHole()
        socket.terminate()
      },
    }
    add(line)
    socket.on('close', () => lines.delete(line))
    const request = { headers: {}, log: { debug: () => undefined, error: () => undefined, warn: () => undefined } }
    serveSocket(process.edge, serverEnd(socket, wire, tampering), request as never)
  })
  const fetch = streamingFetch({
    server: () => (reach() === 'nothing' ? undefined : server()),
    passesWhole: () => reach() === 'whole answers',
    tampering,
    count,
    onLine: add,
    onOver: (line) => lines.delete(line),
  })
  return { WebSocket: WebSocketToServer, fetch, newest: () => newest, all: () => lines }
}

/** A pair's end as Node's `ws` has it: with frames in pieces, and a pause for what comes in. */
function serverEnd(server: PairedSocket, wire: Wire, tampering: Tampering): WebSocket {
  let pieces: Buffer[] = []
  let isPaused = false
  const end = {
    get protocol() {
      return server.protocol
    },
    get isPaused() {
      return isPaused
    },
    on: (name: 'message' | 'close', listener: (...args: unknown[]) => void) =>
      server.on(name, (...args: unknown[]) => listener(...(name === 'message' ? garbled(args, tampering) : args))),
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
      const fate = frame.includes('"type":"batch"') ? tampering.batch() : 'pass'
      if (fate === 'lose') return passed()
      server.send(frame, passed)
      if (fate === 'repeat') server.send(frame)
    },
  }
  return end as unknown as WebSocket
}

/** A message, with what is said in it about a cursor made unreadable, if it comes to that. */
function garbled([data, isBinary]: readonly unknown[], { attach }: Tampering): readonly unknown[] {
  const text = String(data)
  if (!text.includes('"type":"attach"') || attach() === 'pass') return [data, isBinary]
  return [Buffer.from(text.replace(/"cursor":"[^"]*"/, '"cursor":"garbled"')), isBinary]
}
