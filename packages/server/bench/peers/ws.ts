import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocket, WebSocketServer } from 'ws'
import { eachDelta, tokenEvent } from '../event.ts'
import type { Peer, PeerServer, PeerWatch } from '../peer.ts'

/** `ws` as its README has it: one frame a token to each who watches. Nothing is kept, and who comes late has missed it. */
export const ws: Peer = {
  name: 'ws',
  packages: ['ws'],
  serve: () =>
    serveSockets((viewers, token) => {
      const frame = JSON.stringify(tokenEvent(token))
      for (const viewer of viewers) if (viewer.readyState === WebSocket.OPEN) viewer.send(frame)
    }),
  watch: (address, session, { onText, as }) =>
    watchSocket(`${address}/${session}`, (frame) => {
      if (as === 'light') eachDelta(frame, onText)
      else onText((JSON.parse(frame.toString()) as { delta: string }).delta)
    }),
}

/** A WebSocket server whose viewers name their session in the path. `tell` is given each token and those who watch. */
export async function serveSockets(
  tell: (viewers: ReadonlySet<WebSocket>, token: string, session: string) => void,
  onViewer: (viewer: WebSocket, session: string, query: URLSearchParams) => void = () => {},
): Promise<PeerServer> {
  const http = createServer()
  const server = new WebSocketServer({ server: http, perMessageDeflate: false })
  const sessions = new Map<string, Set<WebSocket>>()
  server.on('connection', (socket, request) => {
    const url = new URL(request.url ?? '/', 'ws://localhost')
    const session = url.pathname.slice(1)
    const viewers = sessions.get(session)
    if (viewers === undefined) return socket.close()
    onViewer(socket, session, url.searchParams)
    viewers.add(socket)
    socket.on('close', () => viewers.delete(socket))
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  return {
    address: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`,
    async createSessions(count) {
      const ids = Array.from({ length: count }, () => randomUUID())
      for (const id of ids) sessions.set(id, new Set())
      return ids
    },
    async say(session, tokens) {
      const viewers = sessions.get(session) ?? new Set()
      for await (const token of tokens) tell(viewers, token, session)
    },
    async close() {
      for (const socket of server.clients) socket.terminate()
      http.close()
    },
  }
}

export async function watchSocket(
  url: string,
  onFrame: (frame: Buffer) => void,
  cursor: () => unknown = () => undefined,
): Promise<PeerWatch> {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  socket.on('message', (frame: Buffer) => onFrame(frame))
  await once(socket, 'open')
  return { cursor, close: () => socket.terminate(), throttle: (bytesPerSecond) => throttle(socket, bytesPerSecond) }
}

/** Lets a socket read no more than so many bytes a second. */
export function throttle(socket: WebSocket, bytesPerSecond: number): void {
  if (bytesPerSecond === 0) return socket.pause()
  socket.on('message', (frame: Buffer) => {
    socket.pause()
    setTimeout(() => socket.resume(), (frame.length * 1000) / bytesPerSecond)
  })
}
