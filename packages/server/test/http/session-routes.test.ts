import { nanoid } from 'nanoid'
import { expect, test, vi } from 'vitest'
import type { MessagePage } from '../../src/session/conversation.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { ANN, BOB, serving } from './serving.ts'
import { until } from '../until.ts'

test('a session is created once a key', async () => {
  const { app } = await serving()
  const create = () => app.inject({ method: 'POST', url: '/v1/sessions', headers: ANN, payload: { key: 'trip', title: 'Rome' } })
  const [first, second] = [await create(), await create()]
  expect(first.statusCode).toBe(201)
  expect(second.statusCode).toBe(200)
  expect(first.json()).toMatchObject({ id: expect.any(String), key: 'trip', title: 'Rome', status: 'idle', open: true })
  expect(second.json()).toEqual(first.json())
})

test('the sessions of a principal are listed, and nobody else’s', async () => {
  const { app, session } = await serving()
  const id = await session('ann')
  await session('bob')
  const answer = await app.inject({ url: '/v1/sessions', headers: ANN })
  expect(answer.statusCode).toBe(200)
  expect(answer.json().sessions.map((one: { id: string }) => one.id)).toEqual([id])
})

test('what the documented form of an answer does not name is not lost', async () => {
  const { app, host } = await serving()
  vi.spyOn(host, 'list').mockResolvedValue({ sessions: [{ id: 's1', later: { of: 'newer' } } as never] })
  expect((await app.inject({ url: '/v1/sessions', headers: ANN })).json()).toEqual({ sessions: [{ id: 's1', later: { of: 'newer' } }] })
})

test('a list can be narrowed', async () => {
  const { app, session, host } = await serving()
  const [open, closed] = [await session(), await session()]
  await host.update('ann', closed, { open: false })
  const list = async (query: string) => (await app.inject({ url: `/v1/sessions?${query}`, headers: ANN })).json().sessions
  expect(await list('open=true')).toMatchObject([{ id: open }])
  expect(await list('open=false')).toMatchObject([{ id: closed }])
  expect(await list('status=running')).toEqual([])
  expect(await list('limit=1')).toHaveLength(1)
  expect(await list('before=1')).toEqual([])
})

test('pages of a list leave nothing out, also among sessions of one time', async () => {
  const { app, session, host } = await serving()
  const ids = [await session(), await session(), await session(), await session(), await session()]
  const listed: string[] = []
  let next: string | undefined
  do {
    const query = next === undefined ? 'limit=2' : `limit=2&before=${next}`
    const page = (await app.inject({ url: `/v1/sessions?${query}`, headers: ANN })).json()
    listed.push(...page.sessions.map(({ id }: { id: string }) => id))
    next = page.next
  } while (next !== undefined)
  expect(listed.toSorted()).toEqual(ids.toSorted())
  expect(new Set((await host.list('ann', {})).sessions.map(({ updatedAt }) => updatedAt)).size).toBe(1)
})

test.each(['before=1.', 'limit=0', 'limit=ten', 'status=asleep', 'open=perhaps', 'before=yesterday'])(
  'a list with %s is invalid',
  async (query) => {
    const { app } = await serving()
    const answer = await app.inject({ url: `/v1/sessions?${query}`, headers: ANN })
    expect(answer.statusCode).toBe(400)
    expect(answer.json()).toEqual({ code: 'invalid', message: expect.any(String) })
  },
)

test('a session comes with its snapshot in one answer', async () => {
  const { app, session, host } = await serving()
  const id = await session()
  await host.append(id, { name: 'note', value: { deep: [1] } })
  const answer = await app.inject({ url: `/v1/sessions/${id}`, headers: ANN })
  expect(answer.statusCode).toBe(200)
  expect(answer.json()).toMatchObject({
    session: { id },
    snapshot: { cursor: expect.stringMatching(/\.1$/), more: false, transcript: { custom: { note: { deep: [1] } } } },
  })
})

test('title, layout and settings are changed', async () => {
  const { app, session } = await serving()
  const id = await session()
  const change = { title: 'Rome', open: false, position: 3, settings: { colour: { of: ['blue'] } } }
  const answer = await app.inject({ method: 'PATCH', url: `/v1/sessions/${id}`, headers: ANN, payload: change })
  expect(answer.statusCode).toBe(200)
  expect(answer.json()).toMatchObject({ id, ...change })
})

test.each([{}, { open: 'no' }, { position: '3' }, { title: 7 }])('the change %j is invalid', async (payload) => {
  const { app, session } = await serving()
  const answer = await app.inject({ method: 'PATCH', url: `/v1/sessions/${await session()}`, headers: ANN, payload })
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({ code: 'invalid' })
})

test.each([
  ['PATCH', 128],
  ['PATCH', 100_000],
  ['POST', 128],
] as const)('the body of a %s with something that alone is nested %i levels deep is invalid', async (method, levels) => {
  const { app, session } = await serving()
  const url = method === 'PATCH' ? `/v1/sessions/${await session()}` : '/v1/sessions'
  const payload = `{"settings":${'['.repeat(levels)}${']'.repeat(levels)}}`
  const answer = await app.inject({ method, url, headers: { ...ANN, 'content-type': 'application/json' }, payload })
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toEqual({ code: 'invalid', message: 'the body is nested more than 128 levels deep' })
})

test('a deleted session is gone', async () => {
  const { app, session } = await serving()
  const url = `/v1/sessions/${await session()}`
  const answer = await app.inject({ method: 'DELETE', url, headers: ANN })
  expect(answer.statusCode).toBe(204)
  expect(answer.body).toBe('')
  expect((await app.inject({ url, headers: ANN })).statusCode).toBe(404)
})

test('older messages come by page', async () => {
  const { app, session, host } = await serving()
  const id = await session()
  for (const message of ['m1', 'm2', 'm3']) await host.send(id, { id: message, role: 'user', content: message })
  await until(async () => {
    const { messages } = await host.messages('ann', id, {})
    expect(messages).toHaveLength(6)
    expect((await host.entry('ann', id)).status).toBe('idle')
  })
  const newest = await app.inject({ url: `/v1/sessions/${id}/messages?limit=2`, headers: ANN })
  expect(newest.statusCode).toBe(200)
  expect(newest.json()).toMatchObject({ messages: [{ id: 'm3' }, { role: 'assistant' }], more: true })
  const older = await app.inject({ url: `/v1/sessions/${id}/messages?limit=9&before=m3`, headers: ANN })
  expect(older.json()).toMatchObject({ messages: [{ id: 'm1' }, {}, { id: 'm2' }, {}], more: false })
})

test.each([
  ['GET', ''],
  ['PATCH', ''],
  ['DELETE', ''],
  ['GET', '/messages'],
  ['GET', '/events'],
  ['POST', '/messages'],
  ['POST', '/stop'],
  ['POST', '/answers'],
] as const)('%s …%s of another principal’s session says the same as of none', async (method, path) => {
  const { app, session } = await serving()
  const payload = {
    '': { title: 'mine' },
    '/messages': { message: { role: 'user', content: 'hi' } },
    '/events': {},
    '/stop': { run: 'r' },
    '/answers': { interrupt: 'i', status: 'cancelled' },
  }[path]
  const ask = async (id: string) => {
    const answer = await app.inject({
      method,
      url: `/v1/sessions/${id}${path}`,
      headers: BOB,
      ...(method !== 'GET' && method !== 'DELETE' && { payload }),
    })
    return { status: answer.statusCode, body: answer.body.replaceAll(id, 'ID') }
  }
  const id = await session('ann')
  expect(await ask(id)).toEqual(await ask('none'))
  expect(await ask(id)).toMatchObject({ status: 404, body: expect.stringContaining('session_not_found') })
})

test('a body over the limit is too large', async () => {
  const { app, host } = await serving()
  const answer = await app.inject({
    method: 'POST',
    url: '/v1/sessions',
    headers: ANN,
    payload: { title: 'x'.repeat(host.limits.frameBytes) },
  })
  expect(answer.statusCode).toBe(413)
  expect(answer.json()).toMatchObject({ code: 'too_large' })
})

test.each([
  ['no JSON', 'application/json', '{'],
  ['another type', 'text/plain', '{}'],
])('a body of %s is invalid', async (_rule, type, payload) => {
  const { app } = await serving()
  const answer = await app.inject({ method: 'POST', url: '/v1/sessions', headers: { ...ANN, 'content-type': type }, payload })
  expect(answer.statusCode).toBeGreaterThanOrEqual(400)
  expect(answer.statusCode).toBeLessThan(500)
  expect(answer.json()).toEqual({ code: 'invalid', message: expect.any(String) })
})

test('who changes too much is told when to come again', async () => {
  const { app } = await serving({ limits: { commandsPerMinute: 1 } })
  const create = () => app.inject({ method: 'POST', url: '/v1/sessions', headers: ANN, payload: {} })
  expect((await create()).statusCode).toBe(201)
  const answer = await create()
  expect(answer.statusCode).toBe(429)
  expect(answer.headers['retry-after']).toBe('60')
  expect(answer.json()).toMatchObject({ code: 'rate_limited' })
})

test('a store that fails is unavailable, and says when to come again', async () => {
  const { app, host } = await serving()
  vi.spyOn(host, 'list').mockRejectedValue(new StoreError('full', 'secret'))
  const answer = await app.inject({ url: '/v1/sessions', headers: ANN })
  expect(answer.statusCode).toBe(503)
  expect(answer.headers['retry-after']).toBe('5')
  expect(answer.json()).toMatchObject({ code: 'unavailable' })
  expect(answer.body).not.toContain('secret')
})

test('another failure is internal, and its words stay inside', async () => {
  const { app, host } = await serving()
  vi.spyOn(host, 'list').mockRejectedValue(new Error('secret'))
  const answer = await app.inject({ url: '/v1/sessions', headers: ANN })
  expect(answer.statusCode).toBe(500)
  expect(answer.json()).toMatchObject({ code: 'internal' })
  expect(answer.body).not.toContain('secret')
})

test('a page of messages is no larger than 1 MiB, with all that stands around them', async () => {
  const { app, host, session } = await serving({ run: async function* () {} })
  const id = await session()
  const say = (content: string) => {
    const message = nanoid()
    return host.command('ann', { type: 'send', id: message, session: id, message: { id: message, role: 'user', content } })
  }
  const page = async () => (await app.inject({ url: `/v1/sessions/${id}/messages`, headers: ANN })).body
  const rows = async () => (JSON.parse(await page()) as MessagePage).messages.map((message) => JSON.stringify(message).length)
  for (let n = 0; n < 8; n++) await say('x'.repeat(120_000))
  const [first = 0, ...others] = await rows()
  const left = 1024 * 1024 - others.reduce((sum, bytes) => sum + bytes, first)
  await say('x'.repeat(left - (first - 120_000)))
  const body = await page()
  expect(body.length).toBeLessThanOrEqual(1024 * 1024)
  expect(JSON.parse(body)).toMatchObject({ messages: { length: 8 }, more: true })
})
