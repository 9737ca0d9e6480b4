import type { ClientFrame, ServerFrame } from '@throughline/sdk/protocol'
import { onTestFinished } from 'vitest'
import type { WebSocket } from 'ws'
import { say } from '../../src/agent/builders.ts'
import type { Agent, AgentFunction } from '../../src/agent/contract.ts'
import { staticTokens } from '../../src/access/static-tokens.ts'
import { createServer, type Server, type ServerOptions } from '../../src/cli/create-server.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { manualTimers, type ManualTimers } from '../manual-timers.ts'
import { until } from '../until.ts'

/** A whole server in memory, whose clock stands. */
export interface Serving extends Omit<Server, 'close'> {
  readonly close: Server['close']
  readonly timers: ManualTimers
  /** Opens a socket, without a word. */
  readonly dial: (options?: DialOptions) => Promise<Dialogue>
  /** Opens a socket and says hello; the welcome is heard. */
  readonly greeted: (token?: string, options?: DialOptions) => Promise<Dialogue>
  /** A fresh session of a principal. */
  readonly session: (principal?: string) => Promise<string>
}

/** How a socket is opened. */
export interface DialOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly subprotocol?: string
}

export const ANN = { authorization: 'Bearer ann-token' }
export const BOB = { authorization: 'Bearer bob-token' }

/** Serves the principals ann and bob, and an agent that answers `echo: …`. */
export async function serving(options: Partial<ServerOptions> & { readonly run?: AgentFunction } = {}): Promise<Serving> {
  const { run = echo, ...rest } = options
  const timers = manualTimers()
  const agent: Agent = { name: 'echo', run }
  const server = await createServer({
    store: createMemoryStore({ now: () => timers.now() }),
    agents: [agent],
    authenticate: staticTokens({ 'ann-token': 'ann', 'bob-token': 'bob' }),
    timers,
    ...rest,
  })
  onTestFinished(() => server.close())

  async function dial({ headers = {}, subprotocol = 'throughline.1' }: DialOptions = {}): Promise<Dialogue> {
    let opened: Dialogue | undefined
    await server.app.injectWS(
      '/v1/socket',
      { headers: { host: 'test', 'sec-websocket-protocol': subprotocol, ...headers }, socket: { remoteAddress: '127.0.0.1' } as never },
      { onInit: (socket) => (opened = dialogue(socket)) },
    )
    return opened as Dialogue
  }

  return {
    ...server,
    timers,
    dial,
    async greeted(token = 'ann-token', dialOptions) {
      const link = await dial(dialOptions)
      link.say({ type: 'hello', token, client: { name: 'test', version: '1' } })
      await link.hear('welcome')
      return link
    },
    async session(principal = 'ann') {
      return (await server.host.create(principal, {})).session.id
    },
  }
}

async function* echo({ messages }: Parameters<AgentFunction>[0]): ReturnType<AgentFunction> {
  yield* say(`echo: ${JSON.stringify(messages.at(-1)?.content)}`)
}

type Heard<Type extends ServerFrame['type']> = Extract<ServerFrame, { type: Type }>

/** The client's end of a socket, as it is spoken. */
export interface Dialogue {
  readonly socket: WebSocket
  say(...frames: readonly (ClientFrame | string | Buffer)[]): void
  /** The next frame of this type that was not heard yet. */
  hear<Type extends ServerFrame['type']>(type: Type): Promise<Heard<Type>>
  /** Frames that were not heard yet, in their order. */
  unheard(): readonly ServerFrame[]
  /** The code that the socket was closed with, and its reason. */
  closed(): Promise<string>
}

/** Begins to listen to a socket. */
export function dialogue(socket: WebSocket): Dialogue {
  const frames: ServerFrame[] = []
  let closed: string | undefined
  socket.on('message', (data: Buffer) => frames.push(JSON.parse(data.toString()) as ServerFrame))
  socket.on('close', (code, reason) => (closed = `${code} ${String(reason)}`))
  return {
    socket,
    say: (...said) => {
      for (const frame of said) socket.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame))
    },
    async hear(type) {
      const at = await until(() => {
        const found = frames.findIndex((frame) => frame.type === type)
        if (found === -1) throw new Error(`waited for ${type}, heard ${JSON.stringify(frames)}; closed: ${closed}`)
        return found
      })
      return frames.splice(at, 1)[0] as Heard<typeof type>
    },
    unheard: () => frames,
    closed: () =>
      until(() => {
        if (closed === undefined) throw new Error(`still open, heard ${JSON.stringify(frames)}`)
        return closed
      }),
  }
}
