import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { onTestFinished, vi } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { faultProxy, type FaultProxy } from '../../src/testing/fault-proxy.ts'

/** A proxy before a server that says hello on each WebSocket and hears what comes, and answers each request. */
export interface FaultStage {
  readonly proxy: FaultProxy
  /** What the server's sockets heard: text frames, pongs, and how they ended. */
  readonly heard: readonly string[]
  /** The newest socket of the server's. */
  readonly serverSocket: () => WebSocket
  /** Opens a WebSocket through the proxy; resolves when it is open. */
  readonly dial: () => Promise<Dialled>
  /** Opens a WebSocket through the proxy and does not wait. */
  readonly dialling: () => Dialled
  /** Opens a bare connection through the proxy. */
  readonly bare: () => Bare
}

/** A WebSocket, and what it heard: text frames, pongs, how it ended. */
export interface Dialled {
  readonly socket: WebSocket
  readonly told: readonly string[]
}

/** A TCP connection, and everything that came over it. */
export interface Bare {
  readonly socket: Socket
  readonly text: () => string
  /** `end`, `error CODE`, `close`, in their order. */
  readonly ends: readonly string[]
}

/** Serves behind a proxy until the test ends. */
export async function faultStage(answer: (request: IncomingMessage, response: ServerResponse) => void = sayOk): Promise<FaultStage> {
  const server = createServer(answer)
  const webSockets = new WebSocketServer({ server })
  const heard: string[] = []
  let newest: WebSocket | undefined
  webSockets.on('connection', (socket) => {
    newest = socket
    listen(socket, heard)
    socket.send('{"hello":1}')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const proxy = await faultProxy({ target: (server.address() as AddressInfo).port })
  onTestFinished(async () => {
    await proxy.close()
    for (const socket of webSockets.clients) socket.terminate()
    server.closeAllConnections()
    server.close()
  })

  function dialling(): Dialled {
    const told: string[] = []
    const socket = new WebSocket(proxy.url.replace('http', 'ws'))
    listen(socket, told)
    onTestFinished(() => socket.terminate())
    return { socket, told }
  }

  return {
    proxy,
    heard,
    serverSocket: () => {
      if (newest === undefined) throw new Error('no socket reached the server')
      return newest
    },
    dialling,
    async dial() {
      const dialled = dialling()
      await vi.waitFor(() => {
        if (!dialled.told.includes('{"hello":1}')) throw new Error(`no hello, but ${dialled.told.join()}`)
      })
      return dialled
    },
    bare() {
      const socket = connect({ host: '127.0.0.1', port: proxy.port, allowHalfOpen: true })
      const chunks: Buffer[] = []
      const ends: string[] = []
      socket.on('data', (chunk: Buffer) => chunks.push(chunk))
      socket.on('end', () => ends.push('end'))
      socket.on('error', ({ code }: NodeJS.ErrnoException) => ends.push(`error ${code}`))
      socket.on('close', () => ends.push('close'))
      onTestFinished(() => void socket.destroy())
      return { socket, text: () => Buffer.concat(chunks).toString('latin1'), ends }
    },
  }
}

/** The head of a WebSocket's handshake, to be sent over a bare connection. */
export const HANDSHAKE = [
  'GET / HTTP/1.1',
  'Host: x',
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
  '\r\n',
].join('\r\n')

function listen(socket: WebSocket, told: string[]): void {
  socket.on('message', (data: Buffer) => told.push(data.toString()))
  socket.on('pong', (data) => told.push(`pong ${data.toString()}`))
  socket.on('error', ({ message }) => told.push(`error ${message}`))
  socket.on('close', (code) => told.push(`close ${code}`))
}

function sayOk(_: IncomingMessage, response: ServerResponse): void {
  response.end('ok')
}
