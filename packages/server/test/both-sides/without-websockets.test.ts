import { connect, type Client, type ConnectOptions, type LogRecord, type Session } from '@throughline/sdk'
import { testClock, type TestClock } from '@throughline/sdk/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { noTokens } from '../../src/access/no-tokens.ts'
import { say } from '../../src/agent/builders.ts'
import { createServer } from '../../src/cli/create-server.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'

type Fetch = NonNullable<ConnectOptions['fetch']>

/** A client in a network where WebSockets do not get through, and a server behind it. */
interface Network {
  readonly client: Client
  readonly session: Session
  readonly clock: TestClock
  readonly log: readonly LogRecord[]
  readonly requests: readonly string[]
  /** From now on WebSockets get through. */
  readonly allow: () => void
  /** What the server's transcript says. */
  readonly text: () => Promise<string>
}

const plainFetch = ((url, init) => fetch(url, init)) satisfies Fetch

/** Passes on an answer only when it is whole. */
const bufferingFetch: Fetch = async (url, init) => {
  const answer = await fetch(url, init)
  const whole = await answer.text()
  return {
    ok: answer.ok,
    status: answer.status,
    headers: answer.headers,
    body: new Blob([whole]).stream(),
    text: async () => whole,
    json: async () => JSON.parse(whole) as unknown,
  }
}

async function behindProxy(through: Fetch): Promise<Network> {
  const server = await createServer({
    store: createMemoryStore(),
    agents: [{ name: 'echo', run: ({ messages }) => say(`echo: ${JSON.stringify(messages.at(-1)?.content)}`) }],
    authenticate: noTokens(),
  })
  onTestFinished(async () => {
    const closed = server.close()
    // Node's fetch opens connections in advance, on which it asks nothing.
    server.app.server.closeAllConnections()
    await closed
  })
  const url = await server.app.listen({ port: 0, host: '127.0.0.1' })
  const clock = testClock()
  const log: LogRecord[] = []
  const requests: string[] = []
  let isAllowed = false
  const client = connect(url, {
    now: clock.now,
    timers: clock.timers,
    random: () => 0,
    WebSocket: function dial(to: string, protocols: string[]) {
      if (!isAllowed) throw new TypeError('a proxy is in the way')
      return new WebSocket(to, protocols)
    } as never,
    fetch: (to, init) => {
      requests.push(`${init.method} ${new URL(to).pathname}`)
      return through(to, init)
    },
  })
  onTestFinished(() => client.close())
  client.on('log', (record) => log.push(record))
  const { session } = await server.host.create('local', {})
  const view = client.session(session.id)
  // Time passes only where a step needs it: three dials that fail.
  for (let dial = 0; dial < 3; dial += 1) await clock.advance(1)
  return {
    client,
    clock,
    log,
    requests,
    session: view,
    allow: () => {
      isAllowed = true
    },
    text: async () => JSON.stringify((await server.host.read('local', session.id)).snapshot.transcript.messages),
  }
}

const isLive = ({ client, session }: Network) =>
  vi.waitFor(() => expect([client.state.status, session.state.caughtUp]).toEqual(['live', true]))

const saysWhatTheServerSays = ({ session, text }: Network) =>
  vi.waitFor(async () => {
    expect(session.state.status).toBe('idle')
    expect(JSON.stringify(session.state.messages)).toBe(await text())
  })

describe('without WebSockets', () => {
  test('sessions are followed over an event stream, and commands go over requests', async () => {
    const network = await behindProxy(plainFetch)
    await isLive(network)
    const sent = await network.session.send('Rome')
    expect(sent).toHaveProperty('run')
    await saysWhatTheServerSays(network)
    expect(network.session.state.messages).toHaveLength(2)
    expect(network.requests).toEqual(['POST /v1/stream', 'POST /v1/frames'])
  })

  test('a session that is asked for later renews the stream, which is neither a loss nor a dial', async () => {
    const network = await behindProxy(plainFetch)
    await isLive(network)
    const other = await network.client.create()
    await vi.waitFor(() => expect(other.state.caughtUp).toBe(true))
    await other.send('Paris')
    await vi.waitFor(() => expect(other.state.messages).toHaveLength(2))
    expect(network.log.filter(({ type }) => type === 'lost')).toHaveLength(3)
    expect(network.client.state).toEqual({ status: 'live' })
  })

  test('on waking a stream that lives proves it by another one', async () => {
    const network = await behindProxy(plainFetch)
    await isLive(network)
    network.client.wake('visible')
    await vi.waitFor(() => expect(network.log.map(({ type }) => type)).toContain('answer'))
    await isLive(network)
    expect(network.requests).toEqual(['POST /v1/stream', 'POST /v1/stream'])
  })

  test('a WebSocket that gets through again takes over, and nothing is lost or doubled', async () => {
    const network = await behindProxy(plainFetch)
    await isLive(network)
    await network.session.send('Rome')
    await saysWhatTheServerSays(network)
    network.allow()
    await network.clock.advance(2_000)
    await vi.waitFor(() => expect(network.log).toContainEqual(expect.objectContaining({ type: 'transport', transport: 'websocket' })))
    await network.clock.advance(1)
    await isLive(network)
    const before = network.requests.length
    await network.session.send('Paris')
    await saysWhatTheServerSays(network)
    expect(network.session.state.messages).toHaveLength(4)
    expect(network.requests).toHaveLength(before)
  })

  test('through a network that passes on only whole answers everything arrives, too', async () => {
    const network = await behindProxy(bufferingFetch)
    await network.clock.advance(5_000)
    await isLive(network)
    await network.clock.advance(250)
    await vi.waitFor(() => expect(network.requests).toHaveLength(3))
    const sent = network.session.send('Rome')
    await vi.waitFor(async () => {
      await network.clock.advance(250)
      expect(JSON.stringify(network.session.state.messages)).toBe(await network.text())
      expect(network.session.state.messages).toHaveLength(2)
    })
    await expect(sent).resolves.toHaveProperty('run')
    expect(network.log.filter(({ type }) => type === 'lost')).toHaveLength(3)
  })

  test('closing the client leaves no request open', async () => {
    const open = new Set<string>()
    const network = await behindProxy(async (url, init) => {
      open.add(url)
      ;(init.signal as AbortSignal).addEventListener('abort', () => open.delete(url))
      return plainFetch(url, init)
    })
    await isLive(network)
    expect(open.size).toBe(1)
    network.client.close()
    expect(open.size).toBe(0)
    expect(network.clock.pending).toBe(0)
  })
})
