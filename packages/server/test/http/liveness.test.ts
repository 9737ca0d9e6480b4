import { once } from 'node:events'
import { expect, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { Principal } from '../../src/access/principal.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { turn } from '../manual-timers.ts'
import { heldStore } from '../session/altered-store.ts'
import { dialogue, serving, type Serving } from './serving.ts'
import { until } from '../until.ts'

test('every 15 s the server pings, and says what it has sent', async () => {
  const { greeted, session, host, timers } = await serving()
  const [id, other] = [await session(), await session()]
  const link = await greeted()
  link.say({ type: 'attach', id: 'a1', session: id })
  await link.hear('attached')
  await host.append(id, { name: 'note', value: 1 }, { name: 'note', value: 2 })
  expect(await link.hear('batch')).toMatchObject({ to: 2 })
  link.say({ type: 'attach', id: 'a2', session: other }, { type: 'detach', session: other })
  await link.hear('attached')
  await timers.advance(15_000)
  expect(await link.hear('ping')).toEqual({ type: 'ping', n: 1, sent: { [id]: 2 } })
})

test('a link that is silent for 25 s is dead', async () => {
  const { greeted, timers } = await serving()
  const link = await greeted()
  await timers.advance(24_999)
  expect(link.socket.readyState).toBe(link.socket.OPEN)
  await timers.advance(1)
  expect(await link.closed()).toBe('4003 ping_timeout')
})

test('any frame keeps a link alive, a malformed one too', async () => {
  const { greeted, timers } = await serving()
  const link = await greeted()
  for (const frame of [{ type: 'pong', n: 1 } as const, 'no json', { type: 'ping', n: 1 } as const]) {
    await timers.advance(20_000)
    link.say(frame)
    await turn()
  }
  expect(link.socket.readyState).toBe(link.socket.OPEN)
})

test('a link that takes nothing for 15 s is closed as slow', async () => {
  const { greeted, session, host, timers } = await serving()
  const id = await session()
  await host.command('ann', { type: 'send', id: 'm1', session: id, message: { id: 'm1', role: 'user', content: 'x'.repeat(120_000) } })
  const link = await greeted()
  link.socket.pause()
  link.say({ type: 'attach', id: 'a1', session: id })
  await turn()
  await timers.advance(14_000)
  link.say({ type: 'pong', n: 1 })
  await turn()
  expect(link.socket.readyState).toBe(link.socket.OPEN)
  await timers.advance(1_000)
  link.socket.resume()
  expect(await link.closed()).toBe('4008 slow_viewer')
})

test('a link whose token runs out is closed', async () => {
  const { greeted, timers } = await serving({ authenticate: () => ({ id: 'ann', expiresAt: 1_700_000_010_000 }) })
  const link = await greeted()
  await timers.advance(9_999)
  expect(link.socket.readyState).toBe(link.socket.OPEN)
  await timers.advance(1)
  expect(await link.closed()).toBe('4002 token_expired')
})

const PRINCIPALS: Readonly<Record<string, Principal>> = {
  short: { id: 'ann', expiresAt: 1_700_000_010_000 },
  long: { id: 'ann', expiresAt: 1_700_000_020_000 },
  old: { id: 'ann', expiresAt: 1_600_000_000_000 },
  'of-bob': { id: 'bob' },
}
const authenticate = (token: string | undefined) => PRINCIPALS[token ?? '']

test('a fresh token keeps the link until it runs out itself', async () => {
  const { greeted, timers } = await serving({ authenticate })
  const link = await greeted('short')
  link.say({ type: 'token', id: 't1', token: 'long' })
  expect(await link.hear('accepted')).toEqual({ type: 'accepted', id: 't1', result: { expiresAt: 1_700_000_020_000 } })
  await timers.advance(19_999)
  expect(link.socket.readyState).toBe(link.socket.OPEN)
  await timers.advance(1)
  expect(await link.closed()).toBe('4002 token_expired')
})

test('of several tokens the last decides, however long each takes to check', async () => {
  const answers: (() => void)[] = []
  const { greeted, timers } = await serving({
    authenticate: (token) => {
      if (token === 'short') return PRINCIPALS['short']
      return new Promise((resolve) =>
        answers.push(() => resolve({ id: 'ann', ...(token === 'first' && { expiresAt: 1_700_000_005_000 }) })),
      )
    },
  })
  const link = await greeted('short')
  link.say({ type: 'token', id: 't1', token: 'first' }, { type: 'token', id: 't2', token: 'last' })
  for (let n = 0; n < 2; n++) {
    await turn()
    await until(() => (answers.pop() ?? expect.fail('not asked'))())
  }
  expect(await link.hear('accepted')).toMatchObject({ id: 't1' })
  expect(await link.hear('accepted')).toMatchObject({ id: 't2' })
  await timers.advance(11_000)
  expect(link.socket.readyState).toBe(link.socket.OPEN)
})

test('while a token is looked at one more may wait, the newest: the others are refused', async () => {
  const answers: (() => void)[] = []
  const asked: (string | undefined)[] = []
  const { greeted } = await serving({
    authenticate: (token) => {
      asked.push(token)
      return token === 'short' ? PRINCIPALS['short'] : new Promise((resolve) => answers.push(() => resolve({ id: 'ann' })))
    },
  })
  const link = await greeted('short')
  for (const id of ['t1', 't2', 't3', 't4']) link.say({ type: 'token', id, token: id })
  expect(await link.hear('refused')).toMatchObject({ id: 't2', code: 'rate_limited', retryMs: 1_000 })
  expect(await link.hear('refused')).toMatchObject({ id: 't3' })
  for (const id of ['t1', 't4']) {
    await until(() => (answers.pop() ?? expect.fail('not asked'))())
    expect(await link.hear('accepted')).toMatchObject({ id })
  }
  expect(asked).toEqual(['short', 't1', 't4'])
})

test('a token of another principal is refused, and changes nothing', async () => {
  const { greeted, timers } = await serving({ authenticate })
  const link = await greeted('short')
  link.say({ type: 'token', id: 't1', token: 'of-bob' })
  expect(await link.hear('refused')).toMatchObject({ id: 't1', code: 'forbidden' })
  await timers.advance(10_000)
  expect(await link.closed()).toBe('4002 token_expired')
})

test.each([
  ['nobody’s', '4501 unauthorized'],
  ['old', '4002 token_expired'],
])('a token that is %s ends the link: %s', async (token, closed) => {
  const { greeted } = await serving({ authenticate })
  const link = await greeted('short')
  link.say({ type: 'token', id: 't1', token })
  expect(await link.closed()).toBe(closed)
  expect(link.unheard()).toEqual([])
})

test('watch is answered by the directory, and then by its changes', async () => {
  const { greeted, session, host, timers } = await serving()
  const id = await session()
  await session('bob')
  const link = await greeted()
  link.say({ type: 'watch' })
  expect(await link.hear('directory')).toMatchObject({ sessions: [{ id }] })
  await host.update('ann', id, { title: 'Rome' })
  await timers.advance(1_000)
  expect(await link.hear('directory')).toMatchObject({ sessions: [{ id, title: 'Rome' }] })
  await host.delete('ann', id)
  await timers.advance(1_000)
  expect(await link.hear('directory')).toMatchObject({ sessions: [], gone: [id] })
})

test('a second watch begins anew, and no change is told twice', async () => {
  const { greeted, session, host, timers } = await serving()
  const id = await session()
  const link = await greeted()
  link.say({ type: 'watch' })
  await link.hear('directory')
  link.say({ type: 'watch' })
  await link.hear('directory')
  await host.update('ann', id, { title: 'Rome' })
  await timers.advance(1_000)
  await link.hear('directory')
  await turn()
  expect(link.unheard()).toEqual([])
})

test('while the list is made, watching again makes no second one', async () => {
  const memory = createMemoryStore()
  const lists = vi.spyOn(memory, 'list')
  const { store, hold, open } = heldStore('list', memory)
  const { greeted, session } = await serving({ store })
  const id = await session()
  const link = await greeted()
  hold()
  for (let n = 0; n < 5; n++) link.say({ type: 'watch' })
  link.say({ type: 'ping', n: 1 })
  await link.hear('pong')
  open()
  expect(await link.hear('directory')).toMatchObject({ sessions: [{ id }] })
  await turn()
  expect(link.unheard()).toEqual([])
  // The open ones, and the newest.
  expect(lists).toHaveBeenCalledTimes(2)
})

test('when the server closes each link is told bye, and to come back', async () => {
  const { greeted, dial, close } = await serving()
  const [link, ungreeted] = [await greeted(), await dial()]
  const closing = close()
  expect(await link.hear('bye')).toEqual({ type: 'bye', reason: 'shutdown', retryMs: 1_000 })
  expect(await link.closed()).toBe('4001 shutdown')
  expect(await ungreeted.closed()).toBe('4001 shutdown')
  await closing
})

/** A link that follows a session and stopped reading, with notes of these sizes on their way. */
async function stalled({ greeted, session, host }: Serving, ...sizes: readonly number[]) {
  const id = await session()
  const link = await greeted()
  link.say({ type: 'attach', id: 'a1', session: id })
  await link.hear('attached')
  link.socket.pause()
  for (const size of sizes) await host.append(id, { name: 'note', value: 'x'.repeat(size) })
  return link
}

test('bye goes ahead of what still waits for a slow client', async () => {
  const server = await serving()
  const link = await stalled(server, ...Array.from({ length: 8 }, () => 60_000))
  const closing = server.close()
  link.socket.resume()
  expect(await link.closed()).toBe('4001 shutdown')
  expect(link.unheard().at(-1)).toEqual({ type: 'bye', reason: 'shutdown', retryMs: 1_000 })
  expect(link.unheard().length).toBeLessThan(8)
  await closing
})

test('where a slow client is in the middle of a frame, the close says it alone', async () => {
  const server = await serving()
  const link = await stalled(server, 250_000, 250_000)
  const closing = server.close()
  link.socket.resume()
  expect(await link.closed()).toBe('4001 shutdown')
  expect(link.unheard().map(({ type }) => type)).not.toContain('bye')
  await closing
})

test('a client that does not close its side is cut off after 5 s', async () => {
  const { greeted, close, timers, app } = await serving()
  const link = await greeted()
  link.socket.pause()
  const closing = close()
  await until(() => expect([...app.websocketServer.clients][0]?.readyState).toBe(link.socket.CLOSING))
  await timers.advance(4_999)
  expect(app.websocketServer.clients.size).toBe(1)
  await timers.advance(1)
  await until(() => expect(app.websocketServer.clients.size).toBe(0))
  await closing
})

test('a client that said Close and stays is noticed by the next word to it', async () => {
  const { session, host, app } = await serving()
  const id = await session()
  const url = await app.listen({ port: 0, host: '127.0.0.1' })
  const link = dialogue(new WebSocket(`${url.replace('http', 'ws')}/v1/socket`, 'throughline.1'))
  await once(link.socket, 'open')
  const attach = vi.spyOn(host, 'attach')
  link.say({ type: 'hello', token: 'ann-token', client: { name: 'test', version: '1' } }, { type: 'attach', id: 'a1', session: id })
  await link.hear('attached')
  const watch = await attach.mock.results[0]?.value
  link.socket.pause()
  link.socket.close()
  await until(() => expect([...app.websocketServer.clients][0]?.readyState).toBe(link.socket.CLOSING))
  expect(watch.isOpen()).toBe(true)
  await host.append(id, { name: 'note', value: 1 })
  await until(() => expect(watch.isOpen()).toBe(false))
  expect(app.websocketServer.clients.size).toBe(1)
  link.socket.terminate()
})

test('a link that closes ends its watches', async () => {
  const { greeted, session, host } = await serving()
  const id = await session()
  const link = await greeted()
  const attach = vi.spyOn(host, 'attach')
  link.say({ type: 'attach', id: 'a1', session: id }, { type: 'watch' })
  await link.hear('attached')
  const watch = await attach.mock.results[0]?.value
  expect(watch.isOpen()).toBe(true)
  link.socket.terminate()
  await until(() => expect(watch.isOpen()).toBe(false))
})
