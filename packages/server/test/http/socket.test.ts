import type { Socket } from 'node:net'
import { expect, test } from 'vitest'
import { WebSocket } from 'ws'
import type { Principal } from '../../src/access/principal.ts'
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

test('a link whose token takes too long to check is closed too', async () => {
  const { dial, timers } = await serving({ authenticate: () => new Promise(() => {}) })
  const link = await dial()
  link.say(HELLO)
  await until(async () => {
    await timers.advance(10_000)
    expect(link.socket.readyState).not.toBe(link.socket.OPEN)
  })
  expect(await link.closed()).toBe('4012 hello_timeout')
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
