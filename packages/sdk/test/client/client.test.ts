import { expect, test } from 'vitest'
import { connect, SessionError, type ClientEvents, type LogEntry } from '../../src/index.ts'
import { entry } from '../entry.ts'
import { batch, note, resumed, setStage, snapshot } from '../stage.ts'

test('the same id is the same session, until it is detached', () => {
  const { client } = setStage()
  const session = client.session('s')
  expect(client.session('s')).toBe(session)
  session.detach()
  expect(client.session('s')).not.toBe(session)
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
  void session.send('hi')
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
    { type: 'dial', attempt: 1, transport: 'websocket' },
    { type: 'open' },
    { type: 'attach', session: 's', cursor: undefined },
    { type: 'welcome', node: 'n1', principal: 'ann' },
    { type: 'attached', session: 's', resumed: false, reason: 'no_cursor', head: 1, seq: 1 },
    { type: 'batch', session: 's', from: 2, to: 4, events: 1, merged: true, replayed: false },
    { type: 'send', session: 's', id: 'a', command: 'send' },
    { type: 'wake', signal: 'focus' },
    { type: 'probe' },
    { type: 'lost', code: 1006, reason: '' },
    { type: 'dial', attempt: 1, transport: 'websocket' },
    { type: 'open' },
    { type: 'attach', session: 's', cursor: 'm000000004.4' },
    { type: 'welcome', node: 'n1', principal: 'ann' },
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

test('a session that is followed already can be had without following it', () => {
  const { client } = setStage()
  expect(client.followed('s')).toBeUndefined()
  expect(client.state.status).toBe('idle')
  const session = client.session('s')
  expect(client.followed('s')).toBe(session)
  session.detach()
  expect(client.followed('s')).toBeUndefined()
})

test('closing is told to whoever shows a session, once', () => {
  const { client } = setStage()
  const session = client.session('s')
  const told: unknown[] = []
  session.on('change', ({ failure }) => told.push(failure?.code))
  client.close()
  client.close()
  expect(told).toEqual(['closed'])
})
