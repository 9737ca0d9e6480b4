import { once } from 'node:events'
import { get } from 'node:http'
import type { Socket } from 'node:net'
import { expect, test, vi } from 'vitest'
import { turn } from '../manual-timers.ts'
import { ANN, serving, type Serving } from './serving.ts'
import { until } from '../until.ts'

interface StreamedEvent {
  readonly id?: string
  readonly event?: string
  readonly retry?: string
  readonly data?: unknown
}

/** Follows a session as an EventSource does. */
async function follow({ app }: Serving, id: string, options: { readonly query?: string; readonly headers?: Record<string, string> } = {}) {
  const { query = '', headers = {} } = options
  const answer = await app.inject({ url: `/v1/sessions/${id}/events${query}`, headers: { ...ANN, ...headers }, payloadAsStream: true })
  let text = ''
  let ended = false
  const stream = answer.stream()
  stream.on('data', (chunk: Buffer) => (text += chunk.toString()))
  stream.on('close', () => (ended = true))
  return {
    answer,
    stream,
    text: () => text,
    ended: () => until(() => expect(ended).toBe(true)),
    events: (count: number) =>
      until(async () => {
        const events = parse(text)
        expect(events.length).toBeGreaterThanOrEqual(count)
        // Until the server, too, knows that all of it was taken: an injected answer passes on one write a turn.
        for (let n = 0; n < 4; n++) await turn()
        return events
      }),
  }
}

function parse(text: string): StreamedEvent[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .filter((block) => !block.startsWith(':'))
    .map((block) => {
      const fields = Object.fromEntries(
        block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]),
      )
      return { ...fields, data: JSON.parse(fields['data'] ?? 'null') as unknown }
    })
}

test('a stream begins with attached and its snapshot, then come the batches, each with its cursor', async () => {
  const server = await serving()
  const id = await server.session()
  const stream = await follow(server, id)
  await server.host.append(id, { name: 'note', value: 1 })
  const [attached, batch] = await stream.events(2)
  expect(attached).toMatchObject({ event: 'attached', data: { type: 'attached', session: id, resumed: false, reason: 'no_cursor' } })
  expect(attached?.id).toMatch(/^[\w-]{10}\.0$/)
  expect(batch).toMatchObject({ event: 'batch', data: { type: 'batch', from: 1, to: 1 } })
  expect(batch?.id).toMatch(/^[\w-]{10}\.1$/)
  expect(batch?.data).toHaveProperty('mark', batch?.id?.slice(0, 10))
})

test('nothing between may gather or keep the stream', async () => {
  const server = await serving({ origins: ['https://app.example.com'] })
  const stream = await follow(server, await server.session(), { headers: { host: 'test', origin: 'https://app.example.com' } })
  expect(stream.answer.statusCode).toBe(200)
  expect(stream.answer.headers).toMatchObject({
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    'access-control-allow-origin': 'https://app.example.com',
  })
})

async function withNotes(server: Serving) {
  const id = await server.session()
  await server.host.append(id, { name: 'note', value: 1 })
  const { cursor } = (await server.host.read('ann', id)).snapshot
  await server.host.append(id, { name: 'note', value: 2 })
  const newer = (await server.host.read('ann', id)).snapshot.cursor
  return { id, cursor, newer }
}

test.each([
  ['the query', (cursor: string) => ({ query: `?cursor=${cursor}` })],
  ['the header', (cursor: string) => ({ headers: { 'last-event-id': cursor } })],
  ['the header before the query', (cursor: string) => ({ query: '?cursor=abcdefghij.0', headers: { 'last-event-id': cursor } })],
])('a stream goes on from the cursor of %s', async (_rule, options) => {
  const server = await serving()
  const { id, cursor, newer } = await withNotes(server)
  const stream = await follow(server, id, options(cursor))
  const [attached, batch] = await stream.events(2)
  expect(attached).toMatchObject({ event: 'attached', data: { resumed: true } })
  expect(attached).not.toHaveProperty('id')
  expect(batch).toMatchObject({ id: newer, data: { from: 2, to: 2 } })
})

test.each([
  ['in the query', { query: '?cursor=rubbish' }],
  ['in the query, empty', { query: '?cursor=' }],
  ['in the header, whatever the query says', { query: '?cursor=abcdefghij.0', headers: { 'last-event-id': 'rubbish' } }],
])('a cursor that is none %s is answered with a snapshot, and says so', async (_rule, options) => {
  const server = await serving()
  const { id } = await withNotes(server)
  const [attached] = await (await follow(server, id, options)).events(1)
  expect(attached).toMatchObject({ data: { resumed: false, reason: 'cursor_invalid' } })
})

test('a comment every 15 s keeps the stream from looking dead', async () => {
  const server = await serving()
  const stream = await follow(server, await server.session())
  await stream.events(1)
  await server.timers.advance(15_000)
  await until(() => expect(stream.text().endsWith('\n\n: \n\n')).toBe(true))
})

test('a stream ends when its session is deleted, and says so', async () => {
  const server = await serving()
  const id = await server.session()
  const stream = await follow(server, id)
  await stream.events(1)
  await server.host.delete('ann', id)
  expect((await stream.events(2)).at(-1)).toMatchObject({ event: 'detached', data: { reason: 'deleted' } })
  await stream.ended()
})

test('when the server closes a stream is told bye, and when to come again', async () => {
  const server = await serving()
  const stream = await follow(server, await server.session())
  await stream.events(1)
  await server.close()
  expect((await stream.events(2)).at(-1)).toMatchObject({ event: 'bye', retry: '1000', data: { type: 'bye' } })
  await stream.ended()
})

test('a stream ends when its token runs out', async () => {
  const server = await serving({ authenticate: () => ({ id: 'ann', expiresAt: 1_700_000_010_000 }) })
  const stream = await follow(server, await server.session())
  await stream.events(1)
  await server.timers.advance(10_000)
  await stream.ended()
})

test('a client that leaves ends its watch', async () => {
  const server = await serving()
  const attach = vi.spyOn(server.host, 'attach')
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  const client = get(`${url}/v1/sessions/${await server.session()}/events`, { headers: ANN })
  await once(client, 'response')
  const watch = await attach.mock.results[0]?.value
  expect(watch.isOpen()).toBe(true)
  client.destroy()
  await until(() => expect(watch.isOpen()).toBe(false))
})

test('streams count as links', async () => {
  const server = await serving({ authenticate: () => ({ id: 'ann', maxLinks: 1 }) })
  const id = await server.session()
  const first = await follow(server, id)
  await first.events(1)
  const second = await server.app.inject({ url: `/v1/sessions/${id}/events` })
  expect(second.statusCode).toBe(429)
  await server.host.delete('ann', id)
  await first.ended()
  expect((await server.app.inject({ url: `/v1/sessions/${id}/events` })).statusCode).toBe(404)
})

test('a refused stream gives its place back', async () => {
  const server = await serving({ authenticate: () => ({ id: 'ann', maxLinks: 1 }) })
  for (let n = 0; n < 3; n++) expect((await server.app.inject({ url: '/v1/sessions/none/events' })).statusCode).toBe(404)
})

test('HEAD opens no stream', async () => {
  const server = await serving()
  expect((await server.app.inject({ method: 'HEAD', url: `/v1/sessions/${await server.session()}/events`, headers: ANN })).statusCode).toBe(
    404,
  )
})

test('a client that leaves while its token is looked at leaves no link behind', async () => {
  const checks: (() => void)[] = []
  const server = await serving({
    authenticate: () => new Promise((resolve) => checks.push(() => resolve({ id: 'ann', maxLinks: 1 }))),
  })
  const id = await server.session()
  const attached = vi.spyOn(server.host, 'attach')
  const connected = once(server.app.server, 'connection')
  const url = await server.listen({ host: '127.0.0.1', port: 0 })
  const client = get(`${url}/v1/sessions/${id}/events`, { headers: ANN })
  client.on('error', () => {})
  const [socket] = (await connected) as [Socket]
  const letThrough = await until(() => checks.pop() ?? expect.fail('not asked'))
  client.destroy()
  await until(() => expect(socket.destroyed).toBe(true))
  await turn()
  letThrough()
  const watch = await until(() => attached.mock.results[0]?.value ?? expect.fail('not attached'))
  await until(() => expect(watch.isOpen()).toBe(false))
  const next = follow(server, id)
  await until(() => (checks.pop() ?? expect.fail('not asked'))())
  expect((await next).answer.statusCode).toBe(200)
})
