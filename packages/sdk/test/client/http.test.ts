import { expect, test } from 'vitest'
import { entry } from '../entry.ts'
import { setStage } from '../stage.ts'

interface Call {
  readonly url: string
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: unknown
}

/** A `fetch` that answers what the test says, and notes what it was asked. */
function staged(...answers: { readonly status?: number; readonly body?: unknown; readonly retryAfter?: string }[]) {
  const calls: Call[] = []
  return {
    calls,
    fetch: async (url: string, { body, ...init }: { method: string; headers: Record<string, string>; body?: string }) => {
      calls.push({ url, ...init, ...(body !== undefined && { body: JSON.parse(body) as unknown }) })
      const { status = 200, body: answer, retryAfter } = answers.shift() ?? {}
      return {
        ok: status < 300,
        status,
        headers: { get: (name: string) => (name === 'retry-after' ? (retryAfter ?? null) : null) },
        json: async () => (answer === undefined ? Promise.reject(new SyntaxError('no JSON')) : answer),
      }
    },
  }
}

test('create asks for a session under a key, and follows it', async () => {
  const { fetch, calls } = staged({ status: 201, body: entry('s1') }, { body: entry('s1') })
  const { client, welcomed } = setStage({ fetch, token: 'secret' })
  const session = await client.create({ title: 'Rome' })
  expect(session.id).toBe('s1')
  expect(calls[0]).toMatchObject({
    url: 'http://server.test/v1/sessions',
    method: 'POST',
    headers: { authorization: 'Bearer secret', 'content-type': 'application/json' },
    body: { title: 'Rome' },
  })
  expect(calls[0]?.body).toHaveProperty('key')
  expect(await (await welcomed()).hears('attach')).toMatchObject({ session: 's1' })
  expect(await client.create({ key: 'mine' })).toBe(session)
  expect(calls[1]?.body).toEqual({ key: 'mine' })
})

test('every key that the client makes is another', async () => {
  const { fetch, calls } = staged({ body: entry('a') }, { body: entry('b') })
  const { client } = setStage({ fetch })
  await client.create()
  await client.create()
  const [one, two] = calls.map(({ body }) => (body as { key: string }).key)
  expect(one).not.toBe(two)
})

test('sessions are listed by a query, a page at a time', async () => {
  const { fetch, calls } = staged({ body: { sessions: [entry('a')], next: '5.a' } }, { body: { sessions: [] } }, { body: { sessions: [] } })
  const { client } = setStage({ fetch })
  expect(await client.sessions({ open: true, status: 'running', before: 5, limit: 2 })).toEqual({ sessions: [entry('a')], next: '5.a' })
  expect(calls[0]?.url).toBe('http://server.test/v1/sessions?open=true&status=running&before=5&limit=2')
  expect(await client.sessions()).toEqual({ sessions: [] })
})

test('the place from which a list goes on is sent as it was given, whatever is in it', async () => {
  const { fetch, calls } = staged({ body: { sessions: [] } })
  await setStage({ fetch }).client.sessions({ before: '5.a&b/c' })
  expect(calls[0]?.url).toBe('http://server.test/v1/sessions?before=5.a%26b%2Fc')
})

test('restore follows the open sessions in their order', async () => {
  const { fetch } = staged({ body: { sessions: [entry('a', { position: 2 }), entry('b', { position: 1 })] } })
  const { client } = setStage({ fetch })
  const sessions = await client.restore()
  expect(sessions.map(({ id }) => id)).toEqual(['b', 'a'])
  expect(client.session('a')).toBe(sessions[1])
})

test('a list that cannot be loaded is not an empty list', async () => {
  const { client } = setStage({ fetch: () => Promise.reject(new TypeError('fetch failed')) })
  await expect(client.restore()).rejects.toMatchObject({ code: 'unreachable', cause: { message: 'fetch failed' } })
})

test('update and delete name the session', async () => {
  const { fetch, calls } = staged({ body: entry('a/b', { title: 'New' }) }, { status: 204 })
  const { client } = setStage({ fetch })
  expect(await client.update('a/b', { title: 'New', open: false })).toMatchObject({ title: 'New' })
  await client.delete('a/b')
  expect(calls).toMatchObject([
    { method: 'PATCH', url: 'http://server.test/v1/sessions/a%2Fb', body: { title: 'New', open: false } },
    { method: 'DELETE', url: 'http://server.test/v1/sessions/a%2Fb' },
  ])
  expect(calls[1]).not.toHaveProperty('body')
})

test('a refusal over HTTP has the server’s code and message', async () => {
  const { fetch } = staged(
    { status: 404, body: { code: 'session_not_found', message: 'no such session' } },
    { status: 401, body: { code: 'unauthorized', message: 'who are you' } },
    { status: 503, body: { code: 'unavailable', message: 'later' }, retryAfter: '3' },
    { status: 500, body: { code: 'internal', message: 'its log says why' } },
    { status: 502 },
    { status: 404 },
  )
  const { client } = setStage({ fetch })
  await expect(client.delete('a')).rejects.toMatchObject({ code: 'session_not_found', message: 'no such session' })
  await expect(client.delete('a')).rejects.toMatchObject({ code: 'unauthorized' })
  await expect(client.delete('a')).rejects.toMatchObject({ code: 'unavailable', retryMs: 3_000 })
  await expect(client.delete('a')).rejects.toMatchObject({ code: 'unavailable', message: 'its log says why' })
  await expect(client.delete('a')).rejects.toMatchObject({ code: 'unavailable', retryMs: undefined })
  await expect(client.delete('a')).rejects.toMatchObject({ code: 'protocol' })
})
