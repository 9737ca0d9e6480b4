import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { eachDelta, tokenEvent } from '../event.ts'
import type { Peer } from '../peer.ts'

const FIELD = 'data: '

/** Server-sent events by hand, on node:http: one `data:` a token. */
export const sse: Peer = {
  name: 'SSE',
  packages: [],
  async serve() {
    const sessions = new Map<string, Set<ServerResponse>>()
    const server = createServer((request, response) => {
      const viewers = sessions.get(request.url?.slice(1) ?? '')
      if (viewers === undefined) {
        response.writeHead(404).end()
        return
      }
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' }).flushHeaders()
      viewers.add(response)
      response.on('close', () => viewers.delete(response))
    })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return {
      address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      async createSessions(count) {
        const ids = Array.from({ length: count }, () => randomUUID())
        for (const id of ids) sessions.set(id, new Set())
        return ids
      },
      async say(session, tokens) {
        const viewers = sessions.get(session) ?? []
        for await (const token of tokens) {
          const text = `${FIELD}${JSON.stringify(tokenEvent(token))}\n\n`
          for (const viewer of viewers) viewer.write(text)
        }
      },
      async close() {
        server.closeAllConnections()
        server.close()
      },
    }
  },
  async watch(address, session, { onText, as }) {
    const request = get(`${address}/${session}`, { agent: false })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    request.on('error', () => {})
    eachEvent(response, (event) => {
      if (as === 'light') eachDelta(event, onText)
      else for (const line of linesOf(event)) onText((JSON.parse(line) as { delta: string }).delta)
    })
    return { cursor: () => undefined, close: () => request.destroy() }
  },
}

/** The `data:` fields in whole events. */
export function linesOf(events: Buffer): string[] {
  return events
    .toString()
    .split('\n')
    .flatMap((line) => (line.startsWith(FIELD) ? [line.slice(FIELD.length)] : []))
}

/** Calls back with whole events, as many as came together. */
export function eachEvent(response: IncomingMessage, onEvents: (events: Buffer) => void): void {
  let rest: Buffer = Buffer.alloc(0)
  response.on('error', () => {})
  response.on('data', (chunk: Buffer) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const end = bytes.lastIndexOf('\n\n') + 2
    if (end >= 2) onEvents(bytes.subarray(0, end))
    rest = end >= 2 ? bytes.subarray(end) : bytes
  })
}
