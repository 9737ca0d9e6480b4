import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Server } from 'socket.io'
import { io } from 'socket.io-client'
import { tokenEvent } from '../event.ts'
import type { Peer } from '../peer.ts'

/** socket.io with its connection state recovery, a room a session. The client dials by WebSocket at once, which spares it the upgrade. */
export const socketIo: Peer = {
  name: 'socket.io',
  packages: ['socket.io', 'socket.io-client'],
  async serve() {
    const http = createServer()
    const server = new Server(http, { connectionStateRecovery: {} })
    server.on('connection', (socket) => {
      if (!socket.recovered) void socket.join(String(socket.handshake.query['session']))
    })
    http.listen(0, '127.0.0.1')
    await once(http, 'listening')
    return {
      address: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
      createSessions: async (count) => Array.from({ length: count }, () => randomUUID()),
      async say(session, tokens) {
        for await (const token of tokens) server.to(session).emit('event', tokenEvent(token))
      },
      async close() {
        await server.close()
      },
    }
  },
  async watch(address, session, { onText, from }) {
    // Recovery is the same client's: it comes back with its own id and offset.
    const socket =
      (from as ReturnType<typeof io> | undefined) ??
      io(address, { transports: ['websocket'], query: { session }, forceNew: true, reconnection: false })
    socket.off('event').on('event', ({ delta }: { delta: string }) => onText(delta))
    const connected = new Promise<void>((resolve) => socket.once('connect', resolve))
    socket.connect()
    await connected
    return { cursor: () => socket, close: () => void socket.io.engine.close() }
  },
}
