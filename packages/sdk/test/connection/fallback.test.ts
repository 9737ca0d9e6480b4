import { expect, test } from 'vitest'
import type { Dial } from '../../src/connection/dial.ts'
import { keepConnected } from '../../src/connection/reconnect.ts'
import type { Transport } from '../../src/connection/choose-transport.ts'
import type { LogEntry, SocketConstructor } from '../../src/index.ts'
import { testClock, webSocketTo } from '../../src/testing/index.ts'
import { batch, resumed, setStage, snapshot, stagedWake, welcome, type StagedLink } from '../stage.ts'
import { stagedHttp, type StagedRequest } from '../staged-http.ts'

const REFUSED = (link: StagedLink) => link.wire.cut()

/** A client whose WebSockets are refused, at its first stream. */
async function fallenBack(accept: (link: StagedLink) => void = REFUSED) {
  const http = stagedHttp()
  const luck = { value: 0 }
  const stage = setStage({ accept, fetch: http.fetch, token: async () => 'secret', random: () => luck.value })
  const session = stage.client.session('s')
  await stage.clock.advance(2)
  const request = (index: number): StagedRequest => {
    const found = http.requests.at(index)
    if (!found) throw new Error(`there are ${http.requests.length} requests`)
    return found
  }
  const attachOf = ({ body }: StagedRequest) => {
    const attach = body.find(({ type }) => type === 'attach')
    if (attach?.type !== 'attach') throw new Error('expected an attach')
    return attach
  }
  return { ...stage, http, luck, session, request, attachOf }
}

/** The same, welcome and caught up at seq 3. */
async function streaming(accept?: (link: StagedLink) => void) {
  const stage = await fallenBack(accept)
  const first = stage.request(0)
  await first.says(welcome(), snapshot(stage.attachOf(first).id, 's', 3))
  return { ...stage, first }
}

test('after three dials in a row without a welcome, sessions are followed over a stream', async () => {
  const { client, session, first, links, log } = await streaming()
  expect(links).toHaveLength(3)
  expect(first.types.slice(0, 2)).toEqual(['hello', 'attach'])
  expect(first.headers).toMatchObject({ authorization: 'Bearer secret' })
  expect(client.state).toEqual({ status: 'live' })
  expect(session.state.caughtUp).toBe(true)
  await first.says(batch('s', 4))
  expect(session.state.custom).toEqual({ note: 4 })
  expect(log).toContainEqual(expect.objectContaining({ type: 'transport', transport: 'stream', why: 'unanswered' }))
  expect(log).toContainEqual(expect.objectContaining({ type: 'dial', transport: 'stream' }))
})

test('the first stream is dialled without a wait; a second dial waits its turn', async () => {
  const { clock, request, http, luck } = await fallenBack()
  luck.value = 0.5
  await request(0).breaks()
  await clock.advance(1_000)
  expect(http.requests).toHaveLength(1)
})

test('in a stream the token rides in its header, not in hello', async () => {
  const { first } = await streaming()
  expect(first.body[0]).not.toHaveProperty('token')
})

test('a stream that is renewed goes on from the cursors, which is no loss', async () => {
  const { client, session, clock, first, request, attachOf, log } = await streaming()
  await first.says(batch('s', 4))
  client.session('t')
  await clock.settle()
  expect(request(1).types).toEqual(['hello', 'attach', 'attach', 'ping'])
  expect(attachOf(request(1))).toMatchObject({ session: 's', cursor: 'm000000004.4' })
  await request(1).says(welcome(), resumed(attachOf(request(1)).id, 's', 4), batch('s', 5))
  expect(session.state.custom).toEqual({ note: 5 })
  expect(client.state).toEqual({ status: 'live' })
  expect(log.filter(({ type }) => type === 'lost')).toHaveLength(3)
})

test('commands need not wait while a stream is renewed', async () => {
  const { client, session, clock, request } = await streaming()
  client.session('t')
  await clock.settle()
  void session.send('now').catch(() => {})
  await clock.settle()
  expect(request(-1)).toMatchObject({ path: '/v1/frames', types: ['send'] })
})

test('the answer to a command settles it', async () => {
  const { session, clock, request } = await streaming()
  const sent = session.send('hi', { id: 'c1' })
  await clock.settle()
  await request(-1).answers(200, [{ type: 'accepted', id: 'c1', result: { run: 'r1' } }])
  await expect(sent).resolves.toEqual({ run: 'r1' })
})

test('a command without an answer goes once more, and then again when the session is attached over another link, under its id', async () => {
  const { session, clock, request, attachOf } = await streaming()
  const sent = session.send('hi', { id: 'c1' })
  await clock.settle()
  await request(1).breaks()
  expect(request(2).body).toMatchObject([{ type: 'send', id: 'c1' }])
  await request(2).breaks()
  await clock.advance(2)
  await request(3).says(welcome(), resumed(attachOf(request(3)).id, 's', 3))
  expect(request(4).body).toMatchObject([{ type: 'send', id: 'c1' }])
  await request(4).answers(200, [{ type: 'accepted', id: 'c1', result: { run: 'r1' } }])
  await expect(sent).resolves.toEqual({ run: 'r1' })
})

test('a stream that is renewed has lived since its first welcome', async () => {
  const http = stagedHttp()
  const luck = { value: 0 }
  const { client, clock } = setStage({ accept: REFUSED, fetch: http.fetch, random: () => luck.value })
  client.watch()
  await clock.advance(2)
  await http.requests[0]?.says(welcome())
  await clock.advance(5_000)
  client.wake('visible')
  await clock.settle()
  await http.requests[1]?.says(welcome())
  luck.value = 0.5
  await http.requests[1]?.ends()
  expect(client.state).toMatchObject({ status: 'waiting', attempt: 1 })
})

test('a wake signal asks for another stream; its welcome is the answer', async () => {
  const { clock, wake, request, log, client } = await streaming()
  wake.signal('visible', 'focus', 'online')
  await clock.settle()
  expect(log.filter(({ type }) => type === 'probe')).toHaveLength(1)
  await clock.advance(300)
  await request(1).says(welcome())
  expect(log).toContainEqual(expect.objectContaining({ type: 'answer', ms: 300 }))
  await clock.advance(10_000)
  expect(client.state).toEqual({ status: 'live' })
})

test('a stream that does not come within 2 s of a wake signal is replaced at once', async () => {
  const { clock, wake, http, log } = await streaming()
  wake.signal('visible')
  await clock.advance(2_000)
  expect(log).toContainEqual(expect.objectContaining({ type: 'lost', reason: 'unanswered' }))
  expect(http.open()).toBe(1)
})

test('a stream of which nothing comes any more is found dead within 25 s, though it opened again meanwhile', async () => {
  const { client, clock, log } = await streaming()
  await clock.advance(20_000)
  client.watch()
  await clock.advance(4_999)
  expect(log.map(({ type, ...entry }) => 'reason' in entry && entry.reason)).not.toContain('silent')
  await clock.advance(1)
  expect(log).toContainEqual(expect.objectContaining({ type: 'lost', reason: 'silent' }))
})

test('the last frame of a stream says whether, and why, its client may come back', async () => {
  const { client, first } = await streaming()
  await first.says({ type: 'closed', code: 4503, reason: 'forbidden' })
  expect(client.state).toMatchObject({ status: 'closed', reason: { code: 'forbidden' } })
})

test('a token that nobody knows is a final state, also where an upgrade only looked like a broken line', async () => {
  const { client, request, clock } = await fallenBack()
  await request(0).answers(401, { code: 'unauthorized' })
  await clock.settle()
  expect(client.state).toMatchObject({ status: 'closed', reason: { code: 'unauthorized' } })
})

test('a network that wants a login is waited for, and the state says what is wrong', async () => {
  const { client, request, clock, luck } = await fallenBack()
  luck.value = 0.5
  await request(0).answers(200, undefined, { 'content-type': 'text/html' })
  await clock.settle()
  if (client.state.status !== 'waiting') throw new Error(`expected waiting, got ${client.state.status}`)
  expect(client.state.reason).toMatchObject({ code: 'unreachable', message: expect.stringContaining('ask for a login') as string })
})

test('503 with Retry-After holds the next dial off', async () => {
  const { clock, request, links, log } = await fallenBack()
  await request(0).answers(503, { code: 'unavailable' }, { 'retry-after': '5' })
  await clock.advance(4_999)
  expect(links).toHaveLength(3)
  await clock.advance(2)
  expect(links).toHaveLength(4)
  expect(log).toContainEqual(expect.objectContaining({ type: 'bye', retryMs: 5_000 }))
})

test('where no request is answered either, WebSockets have their turn again', async () => {
  const { clock, request, links } = await fallenBack()
  await request(0).breaks()
  await clock.advance(3)
  expect(links).toHaveLength(6)
})

test('dials that fail while the platform says offline are no reason to change', async () => {
  const http = stagedHttp()
  const stage = setStage({ accept: REFUSED, fetch: http.fetch })
  stage.wake.state.offline = true
  stage.client.session('s')
  await stage.clock.advance(200_000)
  expect(stage.links.length).toBeGreaterThan(5)
  expect(http.requests).toHaveLength(0)
})

test('WebSockets that die young three times in a row give way to a stream', async () => {
  const http = stagedHttp()
  const { client, welcomed, clock } = setStage({ fetch: http.fetch })
  client.session('s')
  for (let index = 0; index < 3; index += 1) (await welcomed()).wire.cut()
  await clock.advance(1)
  expect(http.requests.map(({ path }) => path)).toEqual(['/v1/stream'])
})

test('a WebSocket did not die young because the clock was set back while it lived', async () => {
  const http = stagedHttp()
  const { client, welcomed, clock } = setStage({ fetch: http.fetch })
  client.session('s')
  for (let index = 0; index < 3; index += 1) {
    const { wire } = await welcomed()
    clock.set(-3_600_000)
    wire.cut()
  }
  await clock.advance(1)
  expect(http.requests).toEqual([])
})

/** WebSockets are refused until the test lets them through. */
function gate() {
  const state = { isOpen: false }
  const accept = ({ wire, socket }: StagedLink) => {
    if (!state.isOpen) return wire.cut()
    return void socket.on('message', (data: Buffer) => data.toString().includes('"hello"') && socket.send(JSON.stringify(welcome())))
  }
  return { state, accept }
}

test('a WebSocket is tried on the side 2 s after dials that failed, then every 5 minutes; while it fails the stream stays', async () => {
  const { accept } = gate()
  const { clock, links, first, client } = await streaming(accept)
  for (const [passed, tried] of [
    [1_999, 3],
    [1, 4],
    [299_999, 4],
    [1, 5],
  ] as const) {
    for (let left: number = passed; left > 0; left -= 10_000) {
      await first.says(': comment\n\n')
      await clock.advance(Math.min(left, 10_000))
    }
    expect(links).toHaveLength(tried)
  }
  expect(client.state).toEqual({ status: 'live' })
})

test('a WebSocket that is welcome on the side takes over: the stream is closed, and the next link is one', async () => {
  const { state, accept } = gate()
  const { clock, links, log, http, client, session } = await streaming(accept)
  state.isOpen = true
  await clock.advance(2_000)
  await clock.settle()
  expect(log).toContainEqual(expect.objectContaining({ type: 'transport', transport: 'websocket', why: 'works_again' }))
  expect(http.open()).toBe(0)
  expect(client.state).toEqual({ status: 'live' })
  const [tried, taken] = links.slice(3)
  expect(tried?.closed()).toMatchObject({ code: 1000, reason: 'tried' })
  const { id, cursor } = (await taken?.hears('attach')) ?? {}
  expect(cursor).toBe('m000000003.3')
  await taken?.says(resumed(String(id), 's', 4), batch('s', 4))
  expect(session.state.custom).toEqual({ note: 4 })
})

test('a WebSocket that took over and dies young is one too many: the next link is a stream again', async () => {
  const { state, accept } = gate()
  const { clock, links, log, http } = await streaming(accept)
  state.isOpen = true
  await clock.advance(2_000)
  await clock.settle()
  links.at(-1)?.wire.cut()
  await clock.advance(1)
  expect(log.findLast(({ type }) => type === 'dial')).toMatchObject({ transport: 'stream' })
  expect(http.open()).toBe(1)
})

test('while nobody looks, or without a network, no WebSocket is tried on the side', async () => {
  const { clock, links, wake } = await streaming()
  wake.state.hidden = true
  await clock.advance(2_000)
  wake.state.hidden = false
  expect(links).toHaveLength(3)
})

test('closing the client ends the search, too', async () => {
  const { client, clock, http } = await streaming()
  client.close()
  await clock.settle()
  expect(http.open()).toBe(0)
  expect(clock.pending).toBe(0)
})

test('closing while a WebSocket is tried on the side closes that one', async () => {
  const { state, accept } = gate()
  const stage = await streaming((link) => {
    if (!state.isOpen) accept(link)
  })
  state.isOpen = true
  await stage.clock.advance(2_000)
  expect(stage.links).toHaveLength(4)
  stage.client.close()
  await stage.clock.settle()
  expect(stage.links[3]?.closed()).toMatchObject({ code: 1000 })
  expect(stage.clock.pending).toBe(0)
})

/** A connection whose fallback cannot be loaded until the test says so. */
function withoutChunk(WebSocket: SocketConstructor) {
  const clock = testClock()
  const log: LogEntry[] = []
  const asked: Transport[] = []
  const chunk = { isThere: false, hangs: false }
  const connection = keepConnected({
    clock,
    random: () => 0,
    wake: stagedWake(),
    mint: () => 'id',
    token: async () => undefined,
    prepare: async (transport): Promise<Dial> => {
      asked.push(transport)
      if (transport === 'stream' && chunk.hangs) return new Promise(() => {})
      if (transport === 'stream' && !chunk.isThere) throw new TypeError('Failed to fetch dynamically imported module')
      return { hello: { type: 'hello', client: { name: 'app', version: '1' } }, openSocket: () => new WebSocket('ws://x', []) }
    },
    isNeeded: () => true,
    isAttaching: () => false,
    log: () => (entry) => log.push(entry),
    onState: () => {},
    onOpen: () => {},
    onPrincipal: () => {},
    onFrame: () => {},
    onLost: () => {},
  })
  return { clock, log, asked, chunk, connection }
}

test('code that cannot be loaded ends nothing: WebSockets are dialled again, and the code is asked for again later', async () => {
  const { clock, asked, log, chunk, connection } = withoutChunk(webSocketTo((_, wire) => wire.cut()))
  await clock.advance(5)
  expect(asked).toEqual(['websocket', 'websocket', 'websocket', 'stream', 'websocket', 'websocket', 'websocket', 'stream'])
  expect(log).toContainEqual({ type: 'transport', transport: 'websocket', why: 'not_loaded' })
  expect(connection.state()).toMatchObject({ status: 'waiting' })
  chunk.isThere = true
  await clock.advance(3)
  expect(asked.slice(8)).toEqual(['websocket', 'websocket', 'websocket', 'stream'])
})

test('code that does not come in 30 s ends nothing either', async () => {
  const { clock, asked, log, chunk } = withoutChunk(webSocketTo((_, wire) => wire.cut()))
  chunk.hangs = true
  await clock.advance(30_001)
  expect(asked).toEqual(['websocket', 'websocket', 'websocket', 'stream'])
  await clock.advance(1)
  expect(asked.at(-1)).toBe('websocket')
  expect(log).toContainEqual({ type: 'lost', code: 1006, reason: 'no code of the fallback within 30 s' })
})
