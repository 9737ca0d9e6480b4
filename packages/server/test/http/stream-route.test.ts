import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { duplexPair } from 'node:stream'
import type { AttachFrame, ClientFrame, HelloFrame } from '@throughline/sdk/protocol'
import { describe, expect, test, vi } from 'vitest'
import type { Watch } from '../../src/session/watch.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { turn } from '../manual-timers.ts'
import { alteredStore } from '../session/altered-store.ts'
import { gate } from '../session/gate.ts'
import { until } from '../until.ts'
import { ANN, BOB, serving, type Serving } from './serving.ts'
import { HELLO, openStream } from './streaming.ts'

function attach(session: string, fields: Partial<AttachFrame> = {}): AttachFrame {
  return { type: 'attach', id: `a-${session}`, session, ...fields }
}

function post({ app }: Serving, payload: unknown, headers: Readonly<Record<string, string>> = ANN) {
  return app.inject({
    method: 'POST',
    url: '/v1/stream',
    headers: { 'content-type': 'application/json', ...headers },
    payload: JSON.stringify(payload),
  })
}

describe('a stream', () => {
  test('begins with welcome, then come all sessions, as over a socket', async () => {
    const server = await serving()
    const [one, two] = [await server.session(), await server.session()]
    const stream = await openStream(server, [attach(one), attach(two)])
    expect(await stream.hear('welcome')).toMatchObject({ principal: 'ann', pingMs: 15_000, limits: server.host.limits })
    expect(await stream.hear('attached')).toMatchObject({ id: `a-${one}`, session: one, reason: 'no_cursor' })
    expect(await stream.hear('attached')).toMatchObject({ id: `a-${two}`, session: two })
    await server.host.append(two, { name: 'note', value: 2 })
    await server.host.append(one, { name: 'note', value: 1 })
    expect(await stream.hear('batch')).toMatchObject({ session: two, from: 1, to: 1 })
    expect(await stream.hear('batch')).toMatchObject({ session: one, from: 1, to: 1 })
    expect(stream.isOver()).toBe(false)
  })

  test('goes on from a cursor', async () => {
    const server = await serving()
    const id = await server.session()
    const { cursor } = (await server.host.read('ann', id)).snapshot
    await server.host.append(id, { name: 'note', value: 1 })
    const stream = await openStream(server, [attach(id, { cursor })])
    expect(await stream.hear('attached')).toMatchObject({ resumed: true, head: 1 })
    expect(await stream.hear('batch')).toMatchObject({ from: 1, to: 1 })
  })

  test('carries a snapshot that is larger than a piece', async () => {
    const server = await serving()
    const id = await server.session()
    const content = 'ü'.repeat(50_000)
    await server.host.command('ann', { type: 'send', id: 'm1', session: id, message: { id: 'm1', role: 'user', content } })
    const stream = await openStream(server, [attach(id)])
    expect(JSON.stringify(await stream.hear('attached'))).toContain(content)
  })

  test('tells the directory and its changes', async () => {
    const server = await serving()
    const id = await server.session()
    const stream = await openStream(server, [{ type: 'watch' }])
    expect(await stream.hear('directory')).toMatchObject({ sessions: [{ id }] })
    await server.host.update('ann', id, { title: 'Rome' })
    await server.timers.advance(1_000)
    expect(await stream.hear('directory')).toMatchObject({ sessions: [{ id, title: 'Rome' }] })
  })

  test('answers a ping when all attaches are answered', async () => {
    const server = await serving()
    const [one, two] = [await server.session(), await server.session()]
    const stream = await openStream(server, [{ type: 'ping', n: 7 }, attach(one), attach(two)])
    await until(() => expect(stream.unheard().map(({ type }) => type)).toEqual(['welcome', 'attached', 'attached', 'pong']))
    expect(await stream.hear('pong')).toEqual({ type: 'pong', n: 7 })
  })

  test('answers one attach while another takes long, and a ping after both', async () => {
    const memory = createMemoryStore()
    const { opened, open } = gate()
    let slow = ''
    const store = alteredStore(memory, () => ({
      lease: async (id, ...rest) => {
        if (id === slow) await opened
        return memory.lease(id, ...rest)
      },
    }))
    const server = await serving({ store })
    const [one, two] = [await server.session(), await server.session()]
    slow = one
    const stream = await openStream(server, [attach(one), attach(two), { type: 'ping', n: 7 }])
    await until(() => expect(stream.unheard()).toHaveLength(2))
    await turn()
    expect(stream.unheard()).toMatchObject([{ type: 'welcome' }, { type: 'attached', session: two }])
    open()
    await until(() => expect(stream.unheard()).toHaveLength(4))
    expect(stream.unheard().slice(2)).toMatchObject([{ type: 'attached', session: one }, { type: 'pong' }])
  })

  test('refuses a session that is not one’s own like one that does not exist, and carries the others', async () => {
    const server = await serving()
    const [own, foreign] = [await server.session(), await server.session('bob')]
    const stream = await openStream(server, [attach(foreign), attach('none'), attach(own)])
    expect(await stream.hear('refused')).toMatchObject({ id: `a-${foreign}`, session: foreign, code: 'session_not_found' })
    expect(await stream.hear('refused')).toMatchObject({ id: 'a-none', session: 'none', code: 'session_not_found' })
    expect(await stream.hear('attached')).toMatchObject({ session: own })
  })

  test('watches no more sessions than a link may', async () => {
    const server = await serving({ limits: { sessionsPerLink: 1 } })
    const [one, two] = [await server.session(), await server.session()]
    const stream = await openStream(server, [attach(one), attach(two)])
    expect(await stream.hear('refused')).toMatchObject({ session: two, code: 'rate_limited' })
  })

  test('ends the other viewers of its principal where it claims a session for itself', async () => {
    const server = await serving()
    const id = await server.session()
    const link = await server.greeted()
    link.say(attach(id))
    await link.hear('attached')
    const stream = await openStream(server, [attach(id, { id: 'a1', exclusive: 'one' })])
    expect(await link.hear('detached')).toEqual({ type: 'detached', id: `a-${id}`, session: id, reason: 'superseded' })
    await stream.hear('attached')
    link.say(attach(id, { id: 'a2', exclusive: 'two' }))
    expect(await stream.hear('detached')).toMatchObject({ id: 'a1', session: id, reason: 'superseded' })
    expect(stream.isOver()).toBe(false)
  })
})

describe('the answer', () => {
  test('is one that nothing between may gather or keep, and begins with 2 KiB to be passed on', async () => {
    const server = await serving({ origins: ['https://app.example.com'] })
    const stream = await openStream(server, [], { headers: { host: 'test', origin: 'https://app.example.com' } })
    expect(stream.statusCode).toBe(200)
    expect(stream.headers).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-store, no-transform',
      'x-accel-buffering': 'no',
      'access-control-allow-origin': 'https://app.example.com',
      vary: 'Origin',
    })
    await stream.hear('welcome')
    expect(stream.text()).toMatch(/^: {2048}\n\ndata: \{/)
  })

  test('pings, which keeps it open without a word from the client', async () => {
    const server = await serving()
    const id = await server.session()
    const stream = await openStream(server, [attach(id)])
    await stream.hear('attached')
    for (const n of [1, 2, 3, 4]) {
      await server.timers.advance(15_000)
      expect(await stream.hear('ping')).toEqual({ type: 'ping', n, sent: { [id]: 0 } })
    }
  })

  test('ends with bye and closed when the server closes', async () => {
    const server = await serving()
    const stream = await openStream(server)
    await server.close()
    expect(await stream.hear('bye')).toEqual({ type: 'bye', reason: 'shutdown', retryMs: 1_000 })
    expect(await stream.hear('closed')).toEqual({ type: 'closed', code: 4001, reason: 'shutdown' })
    await stream.ended()
  })

  test('says bye ahead of what still waits for a slow client', async () => {
    const server = await serving()
    const id = await server.session()
    const { client, watch } = await wired(server, id)
    await until(watch)
    for (const n of [1, 2, 3, 4]) await server.host.append(id, { name: `note ${n}`, value: 'x'.repeat(60_000) })
    const closing = server.close()
    let text = ''
    client.on('data', (chunk: Buffer) => (text += chunk.toString()))
    await until(() => expect(text).toMatch(/"type":"bye".*\n\ndata: \{"type":"closed","code":4001,"reason":"shutdown"\}\n\n\r\n0\r\n\r\n$/))
    expect(text).toContain('note 1')
    expect(text).not.toContain('note 3')
    await closing
  })

  test('is cut off 5 s after bye', async () => {
    const server = await serving()
    const id = await server.session()
    await server.host.append(id, { name: 'note', value: 'x'.repeat(250_000) })
    const { wire, watch } = await wired(server, id)
    await until(watch)
    const closing = server.close()
    await turn()
    await server.timers.advance(4_999)
    expect(wire.destroyed).toBe(false)
    await server.timers.advance(1)
    expect(wire.destroyed).toBe(true)
    await closing
  })

  test('ends with closed when the token runs out', async () => {
    const expiresAt = 1_700_000_010_000
    const server = await serving({ authenticate: () => ({ id: 'ann', expiresAt }) })
    const stream = await openStream(server)
    expect(await stream.hear('welcome')).toMatchObject({ expiresAt })
    await server.timers.advance(9_999)
    expect(stream.unheard()).toEqual([])
    await server.timers.advance(1)
    expect(await stream.hear('closed')).toEqual({ type: 'closed', code: 4002, reason: 'token_expired' })
    await stream.ended()
  })

  test('counts as a link, and gives its place back when the client leaves', async () => {
    const server = await serving({ authenticate: () => ({ id: 'ann', maxLinks: 1 }) })
    const url = await server.listen({ host: '127.0.0.1', port: 0 })
    const first = await listening(url, [])
    const second = await post(server, [HELLO])
    expect(second.statusCode).toBe(429)
    expect(second.headers['retry-after']).toBe('15')
    expect(second.json()).toMatchObject({ code: 'rate_limited' })
    first.destroy()
    await until(async () => {
      const third = await openStream(server)
      expect(third.statusCode).toBe(200)
    })
  })

  test('ends the watches of a client that leaves', async () => {
    const server = await serving()
    const attached = vi.spyOn(server.host, 'attach')
    const url = await server.listen({ host: '127.0.0.1', port: 0 })
    const client = await listening(url, [attach(await server.session())])
    const watch = await until(() => attached.mock.results[0]?.value ?? expect.fail('not attached'))
    expect(watch.isOpen()).toBe(true)
    client.destroy()
    await until(() => expect(watch.isOpen()).toBe(false))
  })

  test('ends for a client that takes nothing for 15 s, which learns so where it takes the rest', async () => {
    const server = await serving()
    const { client } = await stalled(server)
    await server.timers.advance(15_000)
    let text = ''
    client.on('data', (chunk: Buffer) => (text += chunk.toString()))
    await until(() => expect(text).toMatch(/data: \{"type":"closed","code":4008,"reason":"slow_viewer"\}\n\n\r\n0\r\n\r\n$/))
  })

  test('is cut off 5 s later for one that does not', async () => {
    const server = await serving()
    const { wire, watch } = await stalled(server)
    await server.timers.advance(15_000)
    expect(watch.isOpen()).toBe(false)
    await server.timers.advance(4_999)
    expect(wire.destroyed).toBe(false)
    await server.timers.advance(1)
    expect(wire.destroyed).toBe(true)
  })

  /** A stream to a client that stopped reading, with more on its way than the wire holds. */
  async function stalled(server: Serving) {
    const id = await server.session()
    const { client, wire, watch } = await wired(server, id)
    const watched = await until(watch)
    for (const n of [1, 2]) await server.host.append(id, { name: `note ${n}`, value: 'x'.repeat(250_000) })
    return { client, wire, watch: watched }
  }

  /** A client that reads as it likes. */
  async function listening(url: string, asked: readonly ClientFrame[]): Promise<IncomingMessage> {
    const client = request(`${url}/v1/stream`, { method: 'POST', headers: { ...ANN, 'content-type': 'application/json' } })
    client.end(JSON.stringify([HELLO, ...asked]))
    const [answer] = (await once(client, 'response')) as [IncomingMessage]
    return answer
  }
})

/** A client that follows a session over a wire that holds next to nothing, and reads when the test does. */
async function wired(server: Serving, id: string, hello: Partial<HelloFrame> = {}) {
  const attached = vi.spyOn(server.host, 'attach')
  const [client, wire] = duplexPair()
  server.app.server.emit('connection', wire)
  const body = JSON.stringify([{ ...HELLO, ...hello }, attach(id)])
  client.write(
    `POST /v1/stream HTTP/1.1\r\nhost: test\r\nauthorization: ${ANN.authorization}\r\ncontent-type: application/json\r\n` +
      `content-length: ${body.length}\r\n\r\n${body}`,
  )
  return { client, wire, watch: (): Promise<Watch> => attached.mock.results[0]?.value ?? Promise.reject(new Error('not attached')) }
}

describe('without hold', () => {
  const hello = { hold: false }

  test('the answer ends with its first news, and what comes right after', async () => {
    const server = await serving()
    const id = await server.session()
    const stream = await openStream(server, [attach(id)], { hello })
    await stream.hear('attached')
    await server.host.append(id, { name: 'note', value: 1 })
    await stream.hear('batch')
    await server.timers.advance(49)
    expect(stream.isOver()).toBe(false)
    await server.timers.advance(1)
    await stream.ended()
    expect(stream.unheard().map(({ type }) => type)).toEqual(['welcome'])
    expect(stream.text()).toMatch(/^data: /)
  })

  test('one without news is held for 20 s', async () => {
    const server = await serving()
    const id = await server.session()
    const { cursor } = (await server.host.read('ann', id)).snapshot
    const stream = await openStream(server, [attach(id, { cursor }), { type: 'watch' }], { hello })
    expect(await stream.hear('attached')).toMatchObject({ resumed: true })
    await stream.hear('directory')
    await server.timers.advance(19_999)
    expect(stream.isOver()).toBe(false)
    await server.timers.advance(1)
    await stream.ended()
    expect(stream.unheard().map(({ type }) => type)).toEqual(['welcome', 'ping'])
  })

  test('a list of sessions is no news, be it in several frames', async () => {
    const server = await serving()
    for (let n = 0; n < 6; n++) await server.host.update('ann', await server.session(), { settings: 'x'.repeat(15 * 1024) })
    const stream = await openStream(server, [{ type: 'watch' }], { hello })
    expect(await stream.hear('directory')).toMatchObject({ more: true })
    await stream.hear('directory')
    await server.timers.advance(19_999)
    expect(stream.isOver()).toBe(false)
    await server.timers.advance(1)
    await stream.ended()
  })

  test('what happens meanwhile ends it', async () => {
    const server = await serving()
    const id = await server.session()
    const { cursor } = (await server.host.read('ann', id)).snapshot
    const stream = await openStream(server, [attach(id, { cursor })], { hello })
    await stream.hear('attached')
    await server.timers.advance(10_000)
    await server.host.append(id, { name: 'note', value: 1 })
    await stream.hear('batch')
    await server.timers.advance(50)
    await stream.ended()
  })

  test('so does a change of the directory', async () => {
    const server = await serving()
    const id = await server.session()
    const stream = await openStream(server, [{ type: 'watch' }], { hello })
    await stream.hear('directory')
    await server.host.update('ann', id, { title: 'Rome' })
    await server.timers.advance(1_000)
    await stream.hear('directory')
    await server.timers.advance(50)
    await stream.ended()
  })

  test('a ping asks for an answer at once', async () => {
    const server = await serving()
    const id = await server.session()
    const { cursor } = (await server.host.read('ann', id)).snapshot
    const stream = await openStream(server, [attach(id, { cursor }), { type: 'ping', n: 1 }], { hello })
    await stream.hear('pong')
    await server.timers.advance(50)
    await stream.ended()
    expect(stream.unheard().map(({ type }) => type)).toEqual(['welcome', 'attached'])
  })

  /** An answer that has ended, with 250 kB on their way to a client that has not begun to read. */
  async function ended(server: Serving) {
    const id = await server.session()
    await server.host.append(id, { name: 'note', value: 'x'.repeat(250_000) })
    const { client, wire, watch } = await wired(server, id, hello)
    const watched = await until(watch)
    await turn()
    await server.timers.advance(50)
    expect(watched.isOpen()).toBe(false)
    return { client, wire }
  }

  test('an answer that ends goes on for as long as its client takes some of it', async () => {
    const server = await serving()
    const { client, wire } = await ended(server)
    let text = ''
    const isWhole = () => text.endsWith('\r\n0\r\n\r\n')
    for (let wanted = 70_000; !isWhole(); wanted += 70_000) {
      while (text.length < wanted && !isWhole()) text += await until(() => client.read() ?? expect.fail('nothing came'))
      await turn()
      await server.timers.advance(10_000)
      expect(wire.destroyed).toBe(wire.writableFinished)
    }
    expect(text.length).toBeGreaterThan(250_000)
  })

  test('is cut off when its client takes nothing for 15 s', async () => {
    const server = await serving()
    const { wire } = await ended(server)
    await server.timers.advance(14_949)
    expect(wire.destroyed).toBe(false)
    await server.timers.advance(1)
    expect(wire.destroyed).toBe(true)
  })

  test('is cut off 5 s after the server went down, also where its client takes some of it', async () => {
    const server = await serving()
    const { client, wire } = await ended(server)
    const closing = server.close()
    await turn()
    await server.timers.advance(4_000)
    client.read()
    await turn()
    await server.timers.advance(999)
    expect(wire.destroyed).toBe(false)
    await server.timers.advance(1)
    expect(wire.destroyed).toBe(true)
    await closing
  })

  test('counts as a link until all of it is taken', async () => {
    const server = await serving({ authenticate: () => ({ id: 'ann', maxLinks: 1 }) })
    const { client } = await ended(server)
    expect((await post(server, [HELLO])).statusCode).toBe(429)
    client.resume()
    await until(async () => expect((await openStream(server)).statusCode).toBe(200))
  })

  test('an answer that ends leaves no link behind, and all of it arrives', async () => {
    const server = await serving({ authenticate: () => ({ id: 'ann', maxLinks: 1 }) })
    const id = await server.session()
    const value = 'x'.repeat(200_000)
    await server.host.append(id, { name: 'note', value })
    for (let n = 0; n < 3; n++) {
      const stream = await openStream(server, [attach(id)], { hello })
      await stream.hear('welcome')
      await turn()
      await server.timers.advance(50)
      await stream.ended()
      expect(await stream.hear('attached')).toMatchObject({ snapshot: { transcript: { custom: { note: value } } } })
    }
  })
})

describe('a body is refused that', () => {
  test.each<[string, unknown]>([
    ['is no array', HELLO],
    ['is empty', []],
    ['does not begin with hello', [attach('s1'), HELLO]],
    ['has a second hello', [HELLO, HELLO]],
    ['holds what is no object', [HELLO, 'attach']],
    ['lacks a field', [HELLO, { type: 'attach', id: 'a1' }]],
    ['has a command', [HELLO, { type: 'stop', id: 'c1', session: 's1', run: 'r1' }]],
    ['detaches', [HELLO, { type: 'detach', session: 's1' }]],
    ['brings a token', [HELLO, { type: 'token', id: 't1', token: 'ann-token' }]],
    ['is nested too deep', [{ ...HELLO, deep: Array.from({ length: 200 }).reduce((inner) => [inner], []) }]],
    ['has more than 200 frames', [HELLO, ...Array.from({ length: 200 }, () => ({ type: 'watch' }))]],
    ['names another token', [{ ...HELLO, token: 'bob-token' }]],
  ])('%s', async (_rule, body) => {
    const answer = await post(await serving(), body)
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual({ code: 'invalid', message: expect.any(String) })
  })

  test('has a frame of unknown type', async () => {
    const answer = await post(await serving(), [HELLO, { type: 'later' }])
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toMatchObject({ code: 'unknown_type' })
  })

  test('has more than 256 KiB', async () => {
    const answer = await post(await serving(), [{ ...HELLO, more: 'x'.repeat(256 * 1024) }])
    expect(answer.statusCode).toBe(413)
    expect(answer.json()).toMatchObject({ code: 'too_large' })
  })
})

test('a refused stream gives its place back', async () => {
  const server = await serving({ authenticate: () => ({ id: 'ann', maxLinks: 1 }) })
  for (let n = 0; n < 3; n++) expect((await post(server, [])).statusCode).toBe(400)
  expect((await openStream(server)).statusCode).toBe(200)
})

test('hello may repeat the token', async () => {
  const stream = await openStream(await serving(), [], { hello: { token: 'ann-token' } })
  expect(await stream.hear('welcome')).toMatchObject({ principal: 'ann' })
})

test('a token that is nobody’s is told so by a status, before the body is read', async () => {
  const server = await serving()
  const answer = await post(server, 'rubbish', { authorization: 'Bearer rubbish' })
  expect(answer.statusCode).toBe(401)
  expect((await openStream(server, [], { headers: BOB })).statusCode).toBe(200)
})

test('a page of a foreign origin gets no stream', async () => {
  const server = await serving({ origins: ['https://app.example.com'] })
  const answer = await post(server, [HELLO], { ...ANN, host: 'agents.example.com', origin: 'https://evil.example.com' })
  expect(answer.statusCode).toBe(403)
  expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
})
