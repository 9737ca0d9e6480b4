import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { Readable } from 'node:stream'
import type { ReadableStream as WebStream } from 'node:stream/web'
import { createResumableStreamContext } from 'resumable-stream'
import { tokenEvent } from '../event.ts'
import type { Peer } from '../peer.ts'
import { eachEvent, linesOf } from './sse.ts'

/** resumable-stream with Redis, by its explicit resumption: POST begins the stream and reads it, GET with `resumeAt` goes on. */
export const resumableStream: Peer = {
  name: 'resumable-stream',
  packages: ['resumable-stream', 'redis'],
  async serve() {
    const context = createResumableStreamContext({ waitUntil: null })
    const sources = new Map<string, ReturnType<typeof openSource>>()
    const answer = async ({ method, url }: IncomingMessage, response: ServerResponse): Promise<void> => {
      const { pathname, searchParams } = new URL(url ?? '/', 'http://localhost')
      const session = pathname.slice(1)
      const source = sources.get(session)
      const resumeAt = searchParams.get('resumeAt')
      const stream =
        method === 'POST' && source !== undefined
          ? await context.createNewResumableStream(session, () => source.stream)
          : await context.resumeExistingStream(session, resumeAt === null ? undefined : Number(resumeAt))
      if (!stream) {
        response.writeHead(422).end()
        return
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      await pipeline(Readable.fromWeb(stream as WebStream), response).catch(() => {})
    }
    const server = createServer((asked, response) => void answer(asked, response))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    return {
      address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      async createSessions(count) {
        const ids = Array.from({ length: count }, () => randomUUID())
        for (const id of ids) sources.set(id, openSource())
        return ids
      },
      async say(session, tokens) {
        for await (const token of tokens) sources.get(session)?.push(`data: ${JSON.stringify(tokenEvent(token))}\n\n`)
      },
      async close() {
        server.closeAllConnections()
        server.close()
      },
    }
  },
  async watch(address, session, { onText, from }) {
    let characters = (from as number | undefined) ?? 0
    const asked = request(`${address}/${session}${from === undefined ? '' : `?resumeAt=${characters}`}`, {
      agent: false,
      method: from === undefined ? 'POST' : 'GET',
    })
    asked.end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    asked.on('error', () => {})
    eachEvent(response, (events) => {
      characters += events.length
      for (const line of linesOf(events)) onText((JSON.parse(line) as { delta: string }).delta)
    })
    return { cursor: () => characters, close: () => asked.destroy() }
  },
}

/** The stream of an agent that has not ended. */
function openSource() {
  let controller: ReadableStreamDefaultController<string> | undefined
  const stream = new ReadableStream<string>({ start: (given) => void (controller = given) })
  return { stream, push: (text: string) => controller?.enqueue(text) }
}
