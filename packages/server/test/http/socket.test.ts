import type { Socket } from 'node:net'
import { expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { Principal } from '../../src/access/principal.ts'
import { turn } from '../manual-timers.ts'
import { dialogue, serving } from './serving.ts'
import { until } from '../until.ts'

const CLIENT = { name: 'test', version: '1' }
const HELLO = { type: 'hello', token: 'ann-token', client: CLIENT } as const

test('hello is answered by welcome', async () => {
  const { dial, host } = await serving()
  const link = await dial()
  link.say(HELLO)
  expect(await link.hear('welcome')).toEqual({
    type: 'welcome',
    node: host.node,
    principal: 'ann',
    pingMs: 15_000,
    limits: host.limits,
    durability: 'memory',
  })
})

test('welcome says when the token expires', async () => {
  const expiresAt = 1_700_000_060_000
  const { dial } = await serving({ authenticate: () => ({ id: 'ann', expiresAt }) })
  const link = await dial()
  link.say(HELLO)
  expect(await link.hear('welcome')).toMatchObject({ principal: 'ann', expiresAt })
})

test('a link without hello is closed after 10 s', async () => {
  const { dial, timers } = await serving()
  const link = await dial()
  await timers.advance(9_999)
  expect(link.socket.readyState).toBe(link.socket.OPEN)
  await timers.advance(1)
  expect(await link.closed()).toBe('4012 hello_timeout')
})

test('a link whose hello came in time is not closed for a token that takes long to check', async () => {
  const checks: (() => void)[] = []
  const { dial, timers } = await serving({ authenticate: () => new Promise((resolve) => checks.push(() => resolve({ id: 'ann' }))) })
  const link = await dial()
  link.say(HELLO)
  const letThrough = await until(() => checks.pop() ?? expect.fail('not asked'))
  await timers.advance(29_999)
  letThrough()
  expect(await link.hear('welcome')).toMatchObject({ principal: 'ann' })
})

test('a link whose token is never found out about is told to come back', async () => {
  const authenticate = vi.fn(() => new Promise<undefined>(() => {}))
  const { dial, timers } = await serving({ authenticate })
  const link = await dial()
  link.say(HELLO)
  await until(() => expect(authenticate).toHaveBeenCalled())
  await timers.advance(29_999)
  expect(link.socket.readyState).toBe(link.socket.OPEN)
  await timers.advance(1)
  expect(await link.closed()).toBe('4000 internal')
})

test('a link that was greeted is not closed for its hello', async () => {
  const { greeted, timers } = await serving()
  const link = await greeted()
  await timers.advance(10_000)
  link.say({ type: 'ping', n: 1 })
  expect(await link.hear('pong')).toEqual({ type: 'pong', n: 1 })
})

test('a frame before hello breaks the protocol, and does nothing', async () => {
  const { dial, session, host } = await serving()
  const id = await session()
  const link = await dial()
  link.say({ type: 'send', id: 'm1', session: id, message: { id: 'm1', role: 'user', content: 'hi' } })
  expect(await link.closed()).toBe('4500 protocol')
  expect((await host.read('ann', id)).snapshot.transcript.messages).toEqual([])
})

test('a second hello breaks the protocol, and what follows it does nothing', async () => {
  const { greeted, session, host } = await serving()
  const id = await session()
  const link = await greeted()
  link.say(HELLO, { type: 'send', id: 'm1', session: id, message: { id: 'm1', role: 'user', content: 'hi' } })
  expect(await link.closed()).toBe('4500 protocol')
  expect((await host.read('ann', id)).snapshot.transcript.messages).toEqual([])
})

test.each([['nobody’s'], [undefined]])('a hello with the token %s is unauthorized', async (token) => {
  const { dial } = await serving()
  const link = await dial()
  link.say({ type: 'hello', client: CLIENT, ...(token !== undefined && { token }) })
  expect(await link.closed()).toBe('4501 unauthorized')
})

test('a hello with an expired token is told so', async () => {
  const { dial, timers } = await serving({ authenticate: () => ({ id: 'ann', expiresAt: 1_700_000_000_000 }) })
  expect(timers.now()).toBe(1_700_000_000_000)
  const link = await dial()
  link.say(HELLO)
  expect(await link.closed()).toBe('4002 token_expired')
  expect(link.unheard()).toEqual([])
})

test('where tokens cannot be checked the client comes back later', async () => {
  const { dial } = await serving({ authenticate: () => Promise.reject(new Error('the issuer is away')) })
  const link = await dial()
  link.say(HELLO)
  expect(await link.closed()).toBe('4000 internal')
})

test('frames that come in one packet with hello are done in their order once the token is known', async () => {
  const asked: ((principal: Principal) => void)[] = []
  const server = await serving({ authenticate: () => new Promise((resolve) => asked.push(resolve)) })
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  const link = dialogue(new WebSocket(`${url.replace('http', 'ws')}/v1/socket`, 'throughline.1'))
  await until(() => expect(link.socket.readyState).toBe(link.socket.OPEN))
  const { _socket: wire } = link.socket as unknown as { readonly _socket: Socket }
  wire.cork()
  link.say(HELLO, { type: 'ping', n: 1 }, { type: 'ping', n: 2 }, { type: 'ping', n: 3 })
  wire.uncork()
  await until(() => (asked[0] ?? expect.fail('not asked yet'))({ id: 'ann' }))
  await until(() => expect(link.unheard()).toHaveLength(4))
  expect(link.unheard().map((frame) => (frame.type === 'pong' ? frame.n : frame.type))).toEqual(['welcome', 1, 2, 3])
})

/** A server whose tokens are checked when the test says so. */
async function checkingSlowly() {
  const asked: ((principal: Principal) => void)[] = []
  const server = await serving({ authenticate: () => new Promise((resolve) => asked.push(resolve)) })
  return { ...server, check: () => until(() => (asked.shift() ?? expect.fail('not asked yet'))({ id: 'ann' })) }
}

test('a client need not wait for welcome: what it asks meanwhile is done in its order, welcome first', async () => {
  const { dial, session, check, host } = await checkingSlowly()
  const [one, two] = [await session(), await session()]
  const attach = vi.spyOn(host, 'attach')
  const link = await dial()
  link.say(HELLO, { type: 'attach', id: 'a1', session: one }, { type: 'attach', id: 'a2', session: two }, { type: 'watch' })
  link.say('no json', { type: 'ping', n: 1 })
  await turn()
  expect(link.unheard()).toEqual([])
  expect(attach).not.toHaveBeenCalled()
  await check()
  await until(() => expect(link.unheard()).toHaveLength(6))
  expect(link.unheard()[0]).toMatchObject({ type: 'welcome' })
  const kinds = (types: readonly string[]) => link.unheard().filter(({ type }) => types.includes(type))
  expect(kinds(['refused', 'pong']).map(({ type }) => type)).toEqual(['refused', 'pong'])
  expect(kinds(['attached'])).toMatchObject([{ id: 'a1' }, { id: 'a2' }])
  expect(kinds(['directory'])).toHaveLength(1)
})

test.each([
  ['frames', 200, 10],
  ['bytes', 8, 32 * 1024],
])('as many %s as may come before welcome are held, and one more breaks the protocol', async (_rule, count, size) => {
  const { dial, check } = await checkingSlowly()
  const [link, other] = [await dial(), await dial()]
  // A frame of just that size, or a little less where that would not make one.
  const frame = JSON.stringify({ type: 'ping', n: 1 }).padEnd(size)
  for (const one of [link, other]) one.say(HELLO, ...Array.from({ length: count }, () => frame))
  other.say({ type: 'ping', n: 2 })
  expect(await other.closed()).toBe('4500 protocol')
  await check()
  await until(() => expect(link.unheard()).toHaveLength(1 + count))
  expect(link.socket.readyState).toBe(link.socket.OPEN)
})

test('a client that leaves before it is welcomed is forgotten at once', async () => {
  const { dial, check, app } = await checkingSlowly()
  const link = await dial()
  link.say(HELLO)
  await turn()
  link.socket.terminate()
  await until(() => expect(app.websocketServer.clients.size).toBe(0))
  await check()
})

test.each(['throughline.2', 'graphql-ws'])('a socket of the subprotocol %s is closed: it is another version', async (subprotocol) => {
  const { dial } = await serving()
  const link = await dial({ subprotocol })
  expect(await link.closed()).toBe('4505 version')
})

test('a page of a foreign origin gets no socket', async () => {
  const { dial } = await serving({ origins: ['https://app.example.com'] })
  await expect(dial({ headers: { host: 'agents.example.com', origin: 'https://evil.example.com' } })).rejects.toThrow('403')
})

test.each([
  ['its own origin', 'https://agents.example.com'],
  ['a listed origin', 'https://app.example.com'],
])('a page of %s gets a socket', async (_rule, origin) => {
  const { greeted } = await serving({ origins: ['https://app.example.com'] })
  await greeted('ann-token', { headers: { host: 'agents.example.com', origin } })
})

test('a principal holds only so many links, and one that closes makes room', async () => {
  const { dial } = await serving({ authenticate: () => ({ id: 'ann', maxLinks: 1 }) })
  const [first, second] = [await dial(), await dial()]
  first.say(HELLO)
  await first.hear('welcome')
  second.say(HELLO)
  expect(await second.closed()).toBe('4014 connection_limit')
  first.socket.terminate()
  await until(async () => {
    const third = await dial()
    third.say(HELLO)
    await third.hear('welcome')
  })
})

test('static tokens set no bound to links', async () => {
  const { greeted } = await serving()
  for (let n = 0; n < 101; n++) await greeted()
})
