import { expect, test } from 'vitest'
import { serverAsker } from '../../src/ask-server.ts'
import { openStreamSocket } from '../../src/connection/stream-socket.ts'
import { encodeFrame, type ClientFrame } from '../../src/protocol/index.ts'
import { testClock } from '../../src/testing/index.ts'
import { batch, resumed, snapshot, welcome } from '../stage.ts'
import { stagedHttp, type StagedRequest } from '../staged-http.ts'

const HELLO: ClientFrame = { type: 'hello', client: { name: 'app', version: '1' } }
const ATTACH: ClientFrame = { type: 'attach', id: 'a1', session: 's' }
const stop = (id: string): ClientFrame => ({ type: 'stop', id, session: 's', run: 'r' })

/** A socket whose client says hello and attaches whenever it opens. */
async function dial({ isBuffering = false, deaf = false, token = async (): Promise<string | undefined> => 'secret' } = {}) {
  const clock = testClock()
  const http = stagedHttp({ deaf })
  const network = { isBuffering }
  const heard: { readonly type: string; readonly [field: string]: unknown }[] = []
  const events: string[] = []
  let overs = 0
  const socket = openStreamSocket({
    ask: serverAsker({ baseUrl: 'http://server.test/v1', fetch: http.fetch, token }),
    clock,
    network,
    onOver: () => (overs += 1),
  })
  const says = (...frames: ClientFrame[]) => {
    for (const frame of frames) socket.send(encodeFrame(frame))
  }
  socket.addEventListener('open', () => {
    events.push('open')
    says(HELLO, ATTACH)
  })
  socket.addEventListener('message', ({ data }) => {
    const frame = JSON.parse(String(data)) as { type: string }
    if (frame.type !== 'comment') heard.push(frame)
  })
  socket.addEventListener('error', ({ error }) => events.push(`error ${(error as Error).message}`))
  socket.addEventListener('close', ({ code, reason }) => events.push(`close ${code} ${reason}`))
  await clock.settle()
  const request = (index: number): StagedRequest => {
    const found = http.requests.at(index)
    if (!found) throw new Error(`there are ${http.requests.length} requests`)
    return found
  }
  return { clock, http, network, socket, heard, events, says, request, overs: () => overs }
}

test('what is said in the turn of the opening is the body of one request, and each event of its answer a message', async () => {
  const { http, heard, request } = await dial()
  expect(http.requests).toHaveLength(1)
  expect(request(0)).toMatchObject({ path: '/v1/stream', headers: { authorization: 'Bearer secret' } })
  expect(request(0).types).toEqual(['hello', 'attach', 'ping'])
  await request(0).says(welcome(), resumed('a1', 's', 3))
  await request(0).says(batch('s', 4))
  expect(heard.map(({ type }) => type)).toEqual(['welcome', 'attached', 'batch'])
})

test('commands that are not answered in 25 s are let go of, and go once more', async () => {
  const { says, clock, request, http } = await dial()
  await request(0).says(welcome(), resumed('a1', 's', 3))
  says(stop('c1'))
  await clock.advance(24_999)
  expect(http.requests.map(({ path }) => path)).toEqual(['/v1/stream', '/v1/frames'])
  await clock.advance(1)
  expect(http.requests.map(({ path }) => path)).toEqual(['/v1/stream', '/v1/frames', '/v1/frames'])
  expect([1, 2].map((index) => request(index).isAborted())).toEqual([true, false])
  expect(request(2).body).toEqual([stop('c1')])
  expect(clock.pending).toBe(1)
})

test('commands of one turn are one request, and their answers messages', async () => {
  const { says, clock, request, heard } = await dial()
  says(stop('c1'), stop('c2'))
  await clock.settle()
  expect(request(1)).toMatchObject({ path: '/v1/frames', headers: { authorization: 'Bearer secret' }, types: ['stop', 'stop'] })
  await request(1).answers(200, [
    { type: 'accepted', id: 'c1', result: { stopped: true } },
    { type: 'refused', id: 'c2', code: 'invalid' },
  ])
  expect(heard.map(({ id }) => id)).toEqual(['c1', 'c2'])
})

test('commands that come while others are under way wait for them, so that they keep their order', async () => {
  const { says, clock, http, request } = await dial()
  says(stop('c1'))
  await clock.settle()
  says(stop('c2'))
  says(stop('c3'))
  await clock.settle()
  expect(http.requests).toHaveLength(2)
  await request(1).answers(200, [])
  expect(request(2).body.map((frame) => 'id' in frame && frame.id)).toEqual(['c2', 'c3'])
})

test('commands that are too much for one request are several', async () => {
  const { says, clock, request, http } = await dial()
  const large = (id: string): ClientFrame => ({
    type: 'answer',
    id,
    session: 's',
    interrupt: 'i',
    status: 'resolved',
    payload: 'x'.repeat(150_000),
  })
  says(large('c1'), large('c2'))
  await clock.settle()
  await request(1).answers(200, [])
  expect(http.requests.slice(1).map(({ body }) => body.length)).toEqual([1, 1])
})

test('a command that is too much for any request goes by itself, and the server says what it thinks of it', async () => {
  const { says, clock, request } = await dial()
  says({ type: 'answer', id: 'c1', session: 's', interrupt: 'i', status: 'resolved', payload: 'x'.repeat(250_000) })
  await clock.settle()
  expect(request(1).types).toEqual(['answer'])
})

test.each([
  ['attach', { ...ATTACH, id: 'a2', session: 't' }],
  ['detach', { type: 'detach', session: 's' }],
  ['watch', { type: 'watch' }],
  ['token', { type: 'token', id: 't1', token: 'fresh' }],
] as const)('a later %s opens another stream, and drops the one before', async (_, frame) => {
  const { says, clock, events, http, request, heard } = await dial()
  await request(0).says(welcome())
  says(frame, frame)
  await clock.settle()
  expect(events).toEqual(['open', 'open'])
  expect(http.requests.map(({ types }) => types)).toEqual([
    ['hello', 'attach', 'ping'],
    ['hello', 'attach', 'ping'],
  ])
  expect(request(0).isAborted()).toBe(true)
  expect(heard).toHaveLength(1)
})

test('a later ping opens another stream, which carries it', async () => {
  const { says, clock, request } = await dial()
  await request(0).says(welcome())
  says({ type: 'ping', n: 7 })
  await clock.settle()
  expect(request(1).body.at(-1)).toEqual({ type: 'ping', n: 7 })
})

test('the sign of life that a server asks for is its own affair: nobody could hear it', async () => {
  const { says, clock, http } = await dial()
  says({ type: 'pong', n: 1 })
  await clock.settle()
  expect(http.requests).toHaveLength(1)
})

test('what arrives from a stream that was dropped is ignored, and so is its end', async () => {
  const { says, clock, socket, heard, events, request } = await dial({ deaf: true })
  await request(0).says(welcome())
  says({ type: 'ping', n: 1 })
  await clock.settle()
  let signs = 0
  socket.addEventListener('message', () => (signs += 1))
  await request(0).says(batch('s', 4))
  expect(signs).toBe(0)
  await request(0).ends()
  says({ type: 'ping', n: 2 })
  await clock.settle()
  await request(1).answers(401, {})
  await request(2).says(welcome())
  expect(heard.map(({ type }) => type)).toEqual(['welcome', 'welcome'])
  expect(events).toEqual(['open', 'open', 'open'])
})

test('what follows the last frame of a stream in its packet is ignored', async () => {
  const { heard, request } = await dial()
  await request(0).says(`data: {"type":"closed","code":4000,"reason":"internal"}\n\ndata: ${encodeFrame(batch('s', 4))}\n\n`)
  expect(heard).toEqual([])
})

test('a comment, or a part of a frame, is a sign of life and nothing else', async () => {
  const { socket, request, heard } = await dial()
  let messages = 0
  socket.addEventListener('message', () => (messages += 1))
  await request(0).says(': padding\n\n')
  await request(0).says('data: {"type":"wel')
  expect(messages).toBe(2)
  expect(heard).toEqual([])
})

test('the last frame of a stream closes the socket with its code', async () => {
  const { request, events, overs } = await dial()
  await request(0).says(welcome(), { type: 'closed', code: 4002, reason: 'token_expired' }, batch('s', 4))
  expect(events).toEqual(['open', 'close 4002 token_expired'])
  expect(overs()).toBe(1)
})

test('an event that only speaks of closing closes nothing', async () => {
  const { request, heard, events } = await dial()
  await request(0).says(batch('s', 4, [{ type: 'CUSTOM', name: 'closed', value: { type: 'closed' } }]))
  expect(heard).toHaveLength(1)
  expect(events).toEqual(['open'])
})

test('a stream that ends without a word, or breaks, is a lost link', async () => {
  const ended = await dial()
  await ended.request(0).says(welcome())
  await ended.request(0).ends()
  expect(ended.events).toEqual(['open', 'close 1006 the stream ended'])
  const broken = await dial()
  await broken.request(0).says(welcome())
  await broken.request(0).breaks('network changed')
  expect(broken.events).toEqual(['open', 'error network changed', 'close 1006 network changed'])
})

test('an answer that is no event stream is a lost link, and says what may be wrong', async () => {
  const { request, events } = await dial()
  await request(0).answers(200, undefined, { 'content-type': 'text/html' })
  expect(events.at(-1)).toMatch(/^close 1006 .*something that is not the server.*text\/html/)
})

test('a status is the close code that says the same', async () => {
  for (const [status, code] of [
    [401, 4501],
    [403, 4503],
    [404, 1006],
    [502, 1006],
  ] as const) {
    const { request, events } = await dial()
    await request(0).answers(status, {})
    expect(events.at(-1)).toMatch(new RegExp(`^close ${code} answered with ${status}`))
  }
})

test('a page of a proxy that forbids is no final word', async () => {
  const { request, events } = await dial()
  await request(0).answers(403, undefined, { 'content-type': 'text/html' })
  expect(events.at(-1)).toMatch(/^close 1006/)
})

test('a server that asks to be left alone is left alone, as after a bye', async () => {
  const { request, heard, events } = await dial()
  await request(0).answers(503, { code: 'unavailable', message: 'later' }, { 'retry-after': '7' })
  expect(heard).toEqual([{ type: 'bye', reason: 'HTTP 503', retryMs: 7_000 }])
  expect(events.at(-1)).toMatch(/^close 1006/)
})

test('a token that is not taken is asked for once more', async () => {
  const tokens = ['old', 'new']
  const { http, request, events } = await dial({ token: async () => tokens.shift() })
  await request(0).answers(401, {})
  expect(http.requests.map(({ headers }) => headers['authorization'])).toEqual(['Bearer old', 'Bearer new'])
  await request(1).says(welcome())
  expect(events).toEqual(['open'])
})

test('commands without an answer go once more; twice in a row is a lost link, and nothing goes any more', async () => {
  const { says, clock, events, http, request } = await dial()
  says(stop('c1'))
  await clock.settle()
  await request(1).breaks()
  expect(request(2).body).toEqual([stop('c1')])
  says(stop('c2'))
  await request(2).answers(502)
  expect(events).toEqual(['open', 'close 1006 commands were not answered'])
  expect(http.requests).toHaveLength(3)
})

test('commands that came meanwhile go behind those that go once more, so that none overtakes another', async () => {
  const { says, clock, request } = await dial()
  says(stop('c1'))
  await clock.settle()
  says(stop('c2'))
  await request(1).breaks()
  expect(request(2).body).toEqual([stop('c1'), stop('c2')])
})

test('commands that failed once and then got through may fail once more', async () => {
  const { says, clock, events, request } = await dial()
  says(stop('c1'))
  await clock.settle()
  await request(-1).breaks()
  await request(-1).answers(200, [])
  says(stop('c2'))
  await clock.settle()
  await request(-1).breaks()
  expect(events).toEqual(['open'])
  expect(request(-1).body).toEqual([stop('c2')])
})

test('commands that the server wants later are refused for so long, each by its id', async () => {
  const { says, clock, request, heard, events } = await dial()
  says(stop('c1'), stop('c2'))
  await clock.settle()
  await request(1).answers(429, { code: 'rate_limited', message: 'too many' }, { 'retry-after': '3' })
  expect(heard).toMatchObject([
    { type: 'refused', id: 'c1', session: 's', retryMs: 3_000 },
    { type: 'refused', id: 'c2', retryMs: 3_000 },
  ])
  expect(events).toEqual(['open'])
})

test('commands that came while the others were under way are refused with them: what is thrown away would wait for ever', async () => {
  const { says, clock, request, heard } = await dial()
  says(stop('c1'))
  await clock.settle()
  says(stop('c2'))
  await clock.settle()
  await request(1).answers(503, { code: 'unavailable', message: 'later' }, { 'retry-after': '3' })
  expect(heard).toMatchObject([
    { type: 'refused', id: 'c1', retryMs: 3_000 },
    { type: 'refused', id: 'c2', retryMs: 3_000 },
  ])
})

test('commands of a user that the server does not know close the socket for good', async () => {
  const { says, clock, request, events } = await dial()
  says(stop('c1'))
  await clock.settle()
  await request(1).answers(401, {})
  expect(events.at(-1)).toMatch(/^close 4501/)
})

test('closing leaves no request and no timer, and says so', async () => {
  const { says, clock, http, socket, overs, events } = await dial()
  says(stop('c1'))
  await clock.settle()
  expect(http.open()).toBe(2)
  socket.close(1000, 'closed')
  await clock.settle()
  expect(http.open()).toBe(0)
  expect(clock.pending).toBe(0)
  expect(overs()).toBe(1)
  expect(events.at(-1)).toBe('close 1000 closed')
})

test('a socket that is closed before it opens never opens', async () => {
  const http = stagedHttp()
  const clock = testClock()
  const ask = serverAsker({ baseUrl: 'http://server.test', fetch: http.fetch, token: async () => undefined })
  const socket = openStreamSocket({ ask, clock, network: { isBuffering: false }, onOver: () => {} })
  socket.close()
  await clock.settle()
  expect(http.requests).toHaveLength(0)
})

test('where nothing arrives for 5 s, whole answers are asked for', async () => {
  const { clock, http, request, network } = await dial()
  await clock.advance(4_999)
  expect(http.requests).toHaveLength(1)
  await clock.advance(1)
  expect(request(0).isAborted()).toBe(true)
  expect(request(1).body[0]).toMatchObject({ type: 'hello', hold: false })
  expect(request(1).types.at(-1)).toBe('ping')
  // Nobody may have answered because nobody is there: that is known when an answer comes.
  expect(network.isBuffering).toBe(false)
  await request(1).saysWhole([welcome(), snapshot('a1', 's', 3)])
  expect(network.isBuffering).toBe(true)
})

test('a stream of which anything has come is not taken for a held one', async () => {
  const { clock, http, request } = await dial()
  await request(0).says(': padding\n\n')
  await clock.advance(60_000)
  expect(http.requests).toHaveLength(1)
})

test('one whole answer follows the other, without a loss in between', async () => {
  const { clock, http, heard, events, request } = await dial({ isBuffering: true })
  expect(request(0).body[0]).toMatchObject({ hold: false })
  // The first is wanted at once: the ping has it end behind the answers to all attaches.
  expect(request(0).types).toEqual(['hello', 'attach', 'ping'])
  await request(0).saysWhole([welcome(), resumed('a1', 's', 3), { type: 'pong', n: 0 }])
  await clock.advance(250)
  expect(request(1).types).toEqual(['hello', 'attach'])
  await request(1).saysWhole([welcome(), resumed('a1', 's', 3), batch('s', 4)])
  await clock.advance(250)
  expect(http.requests).toHaveLength(3)
  expect(heard.map(({ type }) => type)).toEqual(['welcome', 'attached', 'pong', 'welcome', 'attached', 'batch'])
  expect(events).toEqual(['open', 'open', 'open'])
})

test('a server whose answers end at once is not asked more often than four times a second', async () => {
  const { clock, http, request } = await dial({ isBuffering: true })
  await request(0).saysWhole([welcome()])
  await clock.advance(249)
  expect(http.requests).toHaveLength(1)
  await clock.advance(1)
  expect(http.requests).toHaveLength(2)
})

test('what is asked for between two whole answers is asked at once', async () => {
  const { clock, says, http, request } = await dial({ isBuffering: true })
  await request(0).saysWhole([welcome()])
  says({ ...ATTACH, id: 'a2', session: 't' })
  await clock.settle()
  expect(http.requests).toHaveLength(2)
  expect(request(1).types.at(-1)).toBe('ping')
})

test('a whole answer that is empty is a lost link', async () => {
  const { request, events } = await dial({ isBuffering: true })
  await request(0).saysWhole([])
  expect(events.at(-1)).toBe('close 1006 the stream ended')
})

test('where the platform has no streams, an answer is taken when it is whole', async () => {
  const { clock, heard, request, http } = await dial({ isBuffering: true })
  await request(0).saysWhole([welcome(), resumed('a1', 's', 3)], 'no streams')
  expect(heard.map(({ type }) => type)).toEqual(['welcome', 'attached'])
  await clock.advance(250)
  expect(http.requests).toHaveLength(2)
})

test('bytes that come long before the end of an answer show that streams get through again', async () => {
  const { clock, request, network } = await dial({ isBuffering: true })
  await request(0).says(welcome())
  await clock.advance(1_000)
  await request(0).ends()
  await clock.advance(250)
  expect(network.isBuffering).toBe(false)
  expect(request(1).body[0]).not.toHaveProperty('hold')
})

test('a whole answer may take 30 s', async () => {
  expect((await dial({ isBuffering: true })).socket.silenceMs?.()).toBe(30_000)
  expect((await dial()).socket.silenceMs?.()).toBe(0)
})
