import { expect, test } from 'vitest'
import { connect, SessionError, type ClientEvents, type LogEntry } from '../../src/index.ts'
import type { SessionEntry } from '../../src/protocol/index.ts'
import { batch, note, resumed, setStage, snapshot } from '../stage.ts'

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

const entry = (id: string, fields: Partial<SessionEntry> = {}): SessionEntry => ({
  id,
  status: 'idle',
  open: true,
  position: 0,
  createdAt: 0,
  updatedAt: 0,
  ...fields,
})

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

test('the same id is the same session, until it is detached', () => {
  const { client } = setStage()
  const session = client.session('s')
  expect(client.session('s')).toBe(session)
  session.detach()
  expect(client.session('s')).not.toBe(session)
})

test('sessions are listed by a query', async () => {
  const { fetch, calls } = staged({ body: { sessions: [entry('a')] } }, { body: { sessions: [] } })
  const { client } = setStage({ fetch })
  expect(await client.sessions({ open: true, status: 'running', before: 5, limit: 2 })).toEqual([entry('a')])
  expect(calls[0]?.url).toBe('http://server.test/v1/sessions?open=true&status=running&before=5&limit=2')
  expect(await client.sessions()).toEqual([])
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
    { status: 502 },
    { status: 404 },
  )
  const { client } = setStage({ fetch })
  await expect(client.delete('a')).rejects.toMatchObject({ code: 'session_not_found', message: 'no such session' })
  await expect(client.delete('a')).rejects.toMatchObject({ code: 'unauthorized' })
  await expect(client.delete('a')).rejects.toMatchObject({ code: 'unavailable', retryMs: 3_000 })
  await expect(client.delete('a')).rejects.toMatchObject({ code: 'unavailable', retryMs: undefined })
  await expect(client.delete('a')).rejects.toMatchObject({ code: 'protocol' })
})

test('the directory is asked for on each link, and undefined until it is known', async () => {
  const { client, link, again } = await watching()
  expect(client.directory).toBeUndefined()
  await link.says({ type: 'directory', sessions: [entry('a', { updatedAt: 1 }), entry('b', { updatedAt: 2 })] })
  expect(client.directory?.map(({ id }) => id)).toEqual(['b', 'a'])
  await link.says({ type: 'directory', sessions: [entry('a', { updatedAt: 3, title: 'New' })], gone: ['b'] })
  expect(client.directory).toEqual([entry('a', { updatedAt: 3, title: 'New' })])
  link.wire.cut()
  const next = await again()
  await next.hears('watch')
  expect(client.directory).toHaveLength(1)
  await next.says({ type: 'directory', sessions: [entry('c')] })
  expect(client.directory).toEqual([entry('c')])
})

async function watching() {
  const { client, welcomed } = setStage()
  client.watch()
  client.watch()
  const link = await welcomed()
  await link.hears('watch')
  expect(link.heard.filter(({ type }) => type === 'watch')).toHaveLength(1)
  return { client, link, again: welcomed }
}

test('the directory is told to listeners', async () => {
  const { client, link } = await watching()
  const told: ClientEvents['directory'][0][] = []
  client.on('directory', (entries) => told.push(entries))
  await link.says({ type: 'directory', sessions: [entry('a')] })
  expect(told).toEqual([[entry('a')]])
  expect(told[0]).toBe(client.directory)
})

test('watching on a live link asks at once', async () => {
  const { client, welcomed } = setStage()
  client.session('s')
  const link = await welcomed()
  client.watch()
  await link.hears('watch')
})

test('a session that is asked for on a live link is attached at once, over the same link', async () => {
  const { client, links, welcomed } = setStage()
  client.session('a')
  const link = await welcomed()
  client.session('b')
  await link.hears('attach')
  expect(await link.hears('attach')).toMatchObject({ session: 'b' })
  expect(links).toHaveLength(1)
})

test('a refusal that no call waits for is an error event', async () => {
  const { client, welcomed } = setStage()
  client.session('s')
  const link = await welcomed()
  const errors: unknown[] = []
  client.on('error', (error) => errors.push(error))
  await link.says({ type: 'refused', code: 'unknown_type', message: 'what is that' })
  expect(errors).toEqual([expect.objectContaining({ name: 'SessionError', code: 'unknown_type', message: 'what is that' })])
})

test('an event with nonsense inside is reported, the link repaired, and the session goes on', async () => {
  const { client, welcomed } = setStage()
  const session = client.session('s')
  const errors: unknown[] = []
  client.on('error', (error) => errors.push(error))
  const link = await welcomed()
  const { id } = await link.hears('attach')
  await link.says(snapshot(id, 's', 0), batch('s', 1, [{ type: 'CUSTOM', name: 'throughline/queued', value: { by: 'ann' } }]))
  expect(errors).toHaveLength(1)
  const next = await welcomed()
  const attach = await next.hears('attach')
  await next.says(resumed(attach.id, 's', 2), batch('s', 2))
  expect(session.state.custom).toEqual({ note: 2 })
})

test('an error listener that throws ends it there', async () => {
  const { client, welcomed } = setStage()
  client.session('s')
  const link = await welcomed()
  client.on('error', () => {
    throw new Error('again')
  })
  await link.says({ type: 'refused', code: 'unknown_type', message: 'what is that' })
  expect(link.closed()).toBeUndefined()
})

test('where nobody listens for errors, the platform is told', async () => {
  const reported: unknown[] = []
  const scope = globalThis as { reportError?: (error: unknown) => void }
  scope.reportError = (error) => reported.push(error)
  try {
    const { client, welcomed } = setStage()
    client.session('s')
    await (await welcomed()).says({ type: 'refused', code: 'unknown_type', message: 'what is that' })
    expect(reported).toHaveLength(1)
  } finally {
    delete scope.reportError
  }
})

test('the log tells the life of a session in order', async () => {
  const { client, clock, log, wake, welcomed } = setStage()
  const session = client.session('s')
  const link = await welcomed()
  const { id } = await link.hears('attach')
  await link.says(snapshot(id, 's', 1), batch('s', 4, [note(4)], 2))
  void session.send('hi', { id: 'a' })
  wake.signal('focus')
  await clock.settle()
  link.wire.cut()
  const next = await welcomed()
  const again = await next.hears('attach')
  await next.says(resumed(again.id, 's', 4), { type: 'accepted', id: 'a', result: { run: 'r' } })
  const told = log.map(({ at, ...record }) => at > 0 && record)
  expect(told).toEqual([
    { type: 'dial', attempt: 1 },
    { type: 'welcome', node: 'n1', principal: 'ann' },
    { type: 'attach', session: 's', cursor: undefined },
    { type: 'attached', session: 's', resumed: false, reason: 'no_cursor', head: 1, seq: 1 },
    { type: 'batch', session: 's', from: 2, to: 4, events: 1, merged: true, replayed: false },
    { type: 'send', session: 's', id: 'a', command: 'send' },
    { type: 'wake', signal: 'focus' },
    { type: 'probe' },
    { type: 'lost', code: 1006, reason: '' },
    { type: 'wait', ms: 1, attempt: 1 },
    { type: 'dial', attempt: 1 },
    { type: 'welcome', node: 'n1', principal: 'ann' },
    { type: 'attach', session: 's', cursor: 'm000000004.4' },
    { type: 'attached', session: 's', resumed: true, head: 4, seq: 4 },
    { type: 'resend', session: 's', id: 'a', command: 'send' },
    { type: 'settled', id: 'a', by: 'accepted' },
  ] satisfies LogEntry[])
  expect(log.every(({ at }) => at >= 1_700_000_000_000 && at <= clock.now())).toBe(true)
})

test('closing rejects what waits, ends the sessions, and leaves no timer and no listener', async () => {
  const { client, clock, wake, welcomed } = setStage()
  const session = client.session('s')
  const link = await welcomed()
  const { id } = await link.hears('attach')
  await link.says(snapshot(id, 's', 0))
  const states: string[] = []
  client.on('state', ({ status }) => states.push(status))
  const rejected = expect(session.send('hi')).rejects.toMatchObject({ code: 'closed' })
  client.close()
  await rejected
  expect(states).toEqual(['closed'])
  expect(link.socket.readyState).toBeGreaterThan(1)
  expect(clock.pending).toBe(0)
  expect(wake.listeners.size).toBe(0)
  await expect(session.send('again')).rejects.toMatchObject({ code: 'closed' })
  await expect(client.sessions()).rejects.toMatchObject({ code: 'closed' })
  expect(() => client.session('t')).toThrow(SessionError)
  expect(() => client.watch()).toThrow(SessionError)
  expect(() => client.close()).not.toThrow()
})

test('attaching and detaching many times leaves nothing behind', async () => {
  const { client, clock, welcomed } = setStage()
  client.session('keep')
  const link = await welcomed()
  const { id } = await link.hears('attach')
  await link.says(snapshot(id, 'keep', 0))
  const { pending } = clock
  for (let index = 0; index < 50; index++) {
    const session = client.session('s')
    session.on('change', () => {})
    session.detach()
  }
  await clock.settle()
  expect(clock.pending).toBe(pending)
  const types = link.heard.map(({ type, ...frame }) => ('session' in frame && frame.session === 's' ? type : ''))
  expect(types.filter((type) => type === 'attach')).toHaveLength(50)
  expect(types.filter((type) => type === 'detach')).toHaveLength(50)
})

test('what is no URL is refused with an example of one', () => {
  for (const url of ['', '/v1', 'agents.example.com', 'ftp://x'])
    expect(() => connect(url)).toThrow(expect.objectContaining({ code: 'invalid', message: expect.stringContaining('https://') as string }))
})

test('connecting by itself opens nothing, so it may be done on a server that renders pages', () => {
  expect(connect('https://agents.example.com').state).toEqual({ status: 'idle' })
})
