import { once } from 'node:events'
import { join } from 'node:path'
import { connect } from '@throughline/sdk'
import { EMPTY_TRANSCRIPT, formatCursor, parseCursor, type ServerFrame, type Transcript } from '@throughline/sdk/protocol'
import { applyEvents } from '@throughline/sdk/transcript'
import { WebSocket } from 'ws'
import { createServer, openStore, staticTokens, type Agent } from '../../src/index.ts'
import { eachDelta, MESSAGE_ID, tokenEvent } from '../event.ts'
import { monotonicMs } from '../tokens.ts'
import { throttle } from './ws.ts'
import type { Peer, PeerWatch, WatchOptions } from '../peer.ts'

const TOKEN = 'bench'

/** Throughline: the agent is a function in the server. A viewer is the SDK's client, or, light, a socket that speaks the wire. */
export const throughline: Peer = {
  name: 'throughline',
  packages: ['ws', 'fastify', 'better-sqlite3'],
  async serve({ directory, store }) {
    const said = new Map<string, AsyncIterable<string>>()
    const agent: Agent = {
      name: 'bench',
      async *run({ sessionId }) {
        const tokens = said.get(sessionId)
        if (tokens === undefined) return
        yield { type: 'TEXT_MESSAGE_START', messageId: MESSAGE_ID, role: 'assistant' }
        for await (const token of tokens) yield tokenEvent(token)
        yield { type: 'TEXT_MESSAGE_END', messageId: MESSAGE_ID }
      },
    }
    const url = store === 'memory' ? 'memory:' : `sqlite:${join(directory, 'throughline.db')}?synchronous=${store}`
    const server = await createServer({ store: await openStore(url), agents: [agent], authenticate: staticTokens({ [TOKEN]: 'bench' }) })
    const ends = new Map<string, () => void>()
    server.host.on('runEnd', ({ session }) => ends.get(session)?.())
    return {
      address: await server.listen({ host: '127.0.0.1', port: 0 }),
      async createSessions(count) {
        const created = await Promise.all(Array.from({ length: count }, () => server.host.create('bench', {})))
        return created.map(({ session }) => session.id)
      },
      async say(session, tokens) {
        said.set(session, tokens)
        const ended = new Promise<void>((resolve) => ends.set(session, resolve))
        await server.host.send(session, 'Speak')
        await ended
      },
      close: () => server.close(),
    }
  },
  watch: (address, session, options) => (options.as === 'app' ? watchBySdk : speak)(address, session, options),
}

async function watchBySdk(address: string, id: string, { onText }: WatchOptions): Promise<PeerWatch> {
  const client = connect(address, { token: TOKEN })
  const session = client.session(id)
  session.on('event', (event) => {
    if (event.type === 'TEXT_MESSAGE_CONTENT') onText(event.delta)
  })
  await new Promise<void>((resolve) => {
    const look = () => void (session.state.caughtUp && resolve())
    session.on('change', look)
    look()
  })
  return { cursor: () => undefined, close: () => client.close() }
}

/** A viewer that speaks the wire: it folds what comes into a transcript, or, light, only looks for tokens. */
async function speak(address: string, session: string, { onText, as, from }: WatchOptions): Promise<PeerWatch> {
  const socket = openSocket(address)
  let transcript: Transcript = EMPTY_TRANSCRIPT
  let cursor = from as string | undefined
  const attached = new Promise<void>((resolve) =>
    socket.on('message', (bytes: Buffer) => {
      if (as === 'light' && isBatch(bytes)) {
        cursor = cursorOf(bytes)
        return eachDelta(bytes, onText)
      }
      const frame = JSON.parse(bytes.toString()) as ServerFrame
      if (frame.type === 'batch') {
        transcript = applyEvents(transcript, frame.events)
        cursor = formatCursor(frame.mark, frame.to)
        for (const event of frame.events) if (event.type === 'TEXT_MESSAGE_CONTENT') onText(event.delta)
      } else if (frame.type === 'ping') socket.send(JSON.stringify({ type: 'pong', n: frame.n }))
      else if (frame.type === 'attached') {
        if (!frame.resumed) ({ transcript, cursor } = frame.snapshot)
        resolve()
      }
    }),
  )
  await greet(socket, session, cursor)
  await attached
  return { cursor: () => cursor, close: () => socket.terminate(), throttle: (bytesPerSecond) => throttle(socket, bytesPerSecond) }
}

/** Attaches without a cursor: how long until the snapshot and what follows it are there, and in how many frames. */
export async function attachFresh(address: string, session: string) {
  const beginMs = monotonicMs()
  const socket = openSocket(address)
  let frames = 0
  let head = Infinity
  const arrived = new Promise<void>((resolve) =>
    socket.on('message', (bytes: Buffer) => {
      frames += 1
      const frame = JSON.parse(bytes.toString()) as ServerFrame
      if (frame.type === 'attached') ({ head } = frame)
      const through = frame.type === 'attached' && !frame.resumed ? parseCursor(frame.snapshot.cursor)?.seq : undefined
      if ((frame.type === 'batch' ? frame.to : (through ?? -1)) >= head) resolve()
    }),
  )
  await greet(socket, session, undefined)
  await arrived
  const endMs = monotonicMs()
  socket.terminate()
  return { beginMs, endMs, frames }
}

function openSocket(address: string): WebSocket {
  return new WebSocket(`${address.replace('http', 'ws')}/v1/socket`, 'throughline.1', { perMessageDeflate: false })
}

async function greet(socket: WebSocket, session: string, cursor: string | undefined): Promise<void> {
  await once(socket, 'open')
  socket.send(JSON.stringify({ type: 'hello', token: TOKEN, client: { name: 'bench', version: '0' } }))
  socket.send(JSON.stringify({ type: 'attach', id: 'a', session, ...(cursor !== undefined && { cursor }) }))
}

const BATCH = Buffer.from('{"type":"batch"')

function isBatch(bytes: Buffer): boolean {
  return bytes.subarray(0, BATCH.length).equals(BATCH)
}

function cursorOf(batch: Buffer): string {
  const [, to = '', mark = ''] = /"to":(\d+),"mark":"([^"]+)"/.exec(batch.toString('latin1', 0, 300)) ?? []
  return formatCursor(mark, Number(to))
}
