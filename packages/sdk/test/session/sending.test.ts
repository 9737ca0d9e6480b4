import { expect, test } from 'vitest'
import type { SessionEvent } from '../../src/index.ts'
import { batch, reattached, resumed, runFinished, runStarted, setSession, setStage, shown, snapshot } from '../stage.ts'

const queued = (id: string): SessionEvent => ({
  type: 'CUSTOM',
  name: 'throughline/queued',
  value: { message: { id, role: 'user', content: id }, by: 'ann' },
})

test('a message that is sent stands in the state at once, marked', async () => {
  const { session, link } = await setSession()
  void session.send('hello', { id: 'a' })
  expect(session.state.messages).toMatchObject([{ id: 'a', role: 'user', pending: 'sending', parts: [{ type: 'text', text: 'hello' }] }])
  expect(await link.hears('send')).toEqual({ type: 'send', id: 'a', session: 's', message: { id: 'a', role: 'user', content: 'hello' } })
})

test('the journaled message takes the place of the sent one', async () => {
  const { session, link } = await setSession()
  void session.send('one', { id: 'a' })
  void session.send('two', { id: 'b' })
  expect(shown(session.state)).toEqual(['a (sending)', 'b (sending)'])
  const before = session.state.messages[0]
  await link.says(batch('s', 1, [runStarted('r', { id: 'a', content: 'one' })]))
  expect(shown(session.state)).toEqual(['a', 'b (sending)'])
  expect(session.state.messages[0]?.parts).toEqual(before?.parts)
})

test('identical texts stay two messages', async () => {
  const { session, link } = await setSession()
  void session.send('again')
  void session.send('again')
  const one = await link.hears('send')
  const two = await link.hears('send')
  expect(one.id).not.toBe(two.id)
  await link.says(
    batch('s', 1, [runStarted('r1', { id: one.id, content: 'again' })]),
    batch('s', 2, [runFinished('r1')]),
    batch('s', 3, [runStarted('r2', { id: two.id, content: 'again' })]),
  )
  expect(shown(session.state)).toEqual([one.id, two.id])
})

test('a message taken into the queue shows there, and not twice', async () => {
  const { session, link } = await setSession()
  await link.says(batch('s', 1, [runStarted('r', { id: 'x', content: '' })]))
  const sent = session.send('later', { id: 'a' })
  await link.says(batch('s', 2, [queued('a')]))
  expect(session.state.queue.map(({ message }) => message.id)).toEqual(['a'])
  expect(shown(session.state)).toEqual(['x'])
  await expect(sent).resolves.toEqual({ queued: 1 })
})

test('accepted settles a send; its message stays, unmarked, until its event comes', async () => {
  const { session, link } = await setSession()
  const sent = session.send('hi', { id: 'a' })
  await link.says({ type: 'accepted', id: 'a', result: { run: 'r' } })
  await expect(sent).resolves.toEqual({ run: 'r' })
  expect(shown(session.state)).toEqual(['a'])
  await link.says(batch('s', 1, [runStarted('r', { id: 'a', content: 'hi' })]))
  expect(shown(session.state)).toEqual(['a'])
})

test('its own event settles a send whose answer got lost', async () => {
  const stage = await setSession()
  const sent = stage.session.send('hi', { id: 'a' })
  const next = await reattached(stage, 1)
  await next.says(batch('s', 1, [runStarted('r', { id: 'a', content: 'hi' })]))
  await expect(sent).resolves.toEqual({ run: 'r' })
})

test('refused rejects a send and takes its message away', async () => {
  const { session, link } = await setSession()
  const changes: unknown[] = []
  session.on('change', (state) => changes.push(state))
  const refused = expect(session.send('hi', { id: 'a', whenBusy: 'refuse' })).rejects.toMatchObject({ code: 'busy' })
  await link.says({ type: 'refused', id: 'a', session: 's', code: 'busy', message: 'a run is under way' })
  await refused
  expect(shown(session.state)).toEqual([])
  expect(changes.at(-1)).toBe(session.state)
})

test('a message sent without a link goes out, once, when the session is attached', async () => {
  const { client, session, clock, wake, link, welcomed } = await setSession()
  wake.state.offline = true
  link.wire.cut()
  await clock.settle()
  const sent = session.send('hi', { id: 'a' })
  expect(shown(session.state)).toEqual(['a (sending)'])
  wake.state.offline = false
  client.wake('online')
  const next = await welcomed()
  const { id } = await next.hears('attach')
  expect(next.heard.map(({ type }) => type)).not.toContain('send')
  await next.says(resumed(id, 's', 0))
  await next.hears('send')
  await next.says({ type: 'accepted', id: 'a', result: { run: 'r' } })
  await expect(sent).resolves.toEqual({ run: 'r' })
})

test('a message that is sent during the replay goes out after it', async () => {
  const stage = await setSession()
  const next = await reattached(stage, 2)
  void stage.session.send('hi', { id: 'a' })
  await next.says(batch('s', 1))
  expect(next.heard.map(({ type }) => type)).not.toContain('send')
  await next.says(batch('s', 2))
  await next.hears('send')
})

test('what is unsettled is sent again on the next link, under the same id', async () => {
  const stage = await setSession()
  void stage.session.send('hi', { id: 'a' })
  const first = await stage.link.hears('send')
  const next = await reattached(stage, 0)
  expect(await next.hears('send')).toEqual(first)
})

test('an id that is on its way already is refused, and nothing shows twice', async () => {
  const { session } = await setSession()
  void session.send('one', { id: 'a' })
  await expect(session.send('two', { id: 'a' })).rejects.toMatchObject({ code: 'id_conflict' })
  expect(shown(session.state)).toEqual(['a (sending)'])
})

test('what is too large for the server of this link is refused before it waits', async () => {
  const { client, welcomed } = setStage()
  const session = client.session('s')
  const link = await welcomed({ limits: { frameBytes: 1_000, messageBytes: 100, queueBytes: 1, commandsPerMinute: 1, sessionsPerLink: 1 } })
  await expect(session.send('x'.repeat(100))).rejects.toMatchObject({ code: 'too_large' })
  expect(shown(session.state)).toEqual([])
  expect(link.heard.map(({ type }) => type)).not.toContain('send')
})

test('a send takes parts, or a whole message with its own id', async () => {
  const { session, link } = await setSession()
  void session.send([{ type: 'text', text: 'look' }])
  expect((await link.hears('send')).message).toMatchObject({ role: 'user', content: [{ type: 'text', text: 'look' }] })
  void session.send({ id: 'mine', role: 'user', content: 'hi', name: 'Ann' })
  expect(await link.hears('send')).toMatchObject({ id: 'mine', message: { id: 'mine', name: 'Ann' } })
})

test('a send says what to do when busy, what the run gets, and what it replaces', async () => {
  const { session, link } = await setSession()
  void session.send('hi', { whenBusy: 'interrupt', input: { state: { a: 1 } }, replaces: 'old' })
  expect(await link.hears('send')).toMatchObject({ whenBusy: 'interrupt', input: { state: { a: 1 } }, replaces: 'old' })
  void session.edit('old', 'better')
  expect(await link.hears('send')).toMatchObject({ replaces: 'old', message: { content: 'better' } })
})

test('a snapshot that shows a sent message takes its place', async () => {
  const stage = await setSession()
  void stage.session.send('hi', { id: 'a' })
  stage.link.wire.cut()
  const next = await stage.welcomed()
  const { id } = await next.hears('attach')
  await next.says(snapshot(id, 's', 5, { messages: [{ id: 'a', role: 'user', parts: [] }] }))
  expect(shown(stage.session.state)).toEqual(['a'])
})

test('a message that was stored and rewound while we were away does not stay for ever', async () => {
  const stage = await setSession()
  void stage.session.send('hi', { id: 'a' })
  stage.link.wire.cut()
  const next = await stage.welcomed()
  const { id } = await next.hears('attach')
  await next.says(snapshot(id, 's', 5))
  expect(shown(stage.session.state)).toEqual(['a (sending)'])
  await next.says({ type: 'accepted', id: 'a', result: { run: 'r' } })
  await next.says({ type: 'ping', n: 1, sent: { s: 5 } })
  expect(shown(stage.session.state)).toEqual([])
})
