import { expect, test } from 'vitest'
import type { SessionEvent, SessionState } from '../../src/index.ts'
import type { TranscriptMessage } from '../../src/protocol/index.ts'
import { batch, note, resumed, runFinished, runStarted, setStage, snapshot } from '../stage.ts'

/** A client that follows `s`, empty and live. */
async function live(options?: Parameters<typeof setStage>[0]) {
  const stage = setStage(options)
  const session = stage.client.session('s')
  const link = await stage.welcomed()
  const { id } = await link.hears('attach')
  await link.says(snapshot(id, 's', 0))
  const changes: SessionState[] = []
  session.on('change', (state) => changes.push(state))
  return { ...stage, session, link, changes }
}

/** Loses the link, and has the next one attach from the cursor. */
async function reattached({ link, welcomed }: Pick<Awaited<ReturnType<typeof live>>, 'link' | 'welcomed'>, head: number) {
  link.wire.cut()
  const next = await welcomed()
  const { id } = await next.hears('attach')
  await next.says(resumed(id, 's', head))
  return next
}

const shown = ({ messages }: SessionState) => messages.map(({ id, pending }) => (pending ? `${id} (${pending})` : id))
const queued = (id: string): SessionEvent => ({ type: 'CUSTOM', name: 'throughline/queued', value: { message: { id, role: 'user', content: id }, by: 'ann' } })
const interrupted = (run: string): SessionEvent =>
  ({ type: 'RUN_FINISHED', threadId: 's', runId: run, outcome: { type: 'interrupt', interrupts: [{ id: 'i', reason: 'input' }] } }) as SessionEvent

test('a message that is sent stands in the state at once, marked', async () => {
  const { session, link } = await live()
  void session.send('hello', { id: 'a' })
  expect(session.state.messages).toMatchObject([{ id: 'a', role: 'user', pending: 'sending', parts: [{ type: 'text', text: 'hello' }] }])
  expect(await link.hears('send')).toEqual({ type: 'send', id: 'a', session: 's', message: { id: 'a', role: 'user', content: 'hello' } })
})

test('the journaled message takes the place of the sent one', async () => {
  const { session, link } = await live()
  void session.send('one', { id: 'a' })
  void session.send('two', { id: 'b' })
  expect(shown(session.state)).toEqual(['a (sending)', 'b (sending)'])
  const before = session.state.messages[0]
  await link.says(batch('s', 1, [runStarted('r', { id: 'a', content: 'one' })]))
  expect(shown(session.state)).toEqual(['a', 'b (sending)'])
  expect(session.state.messages[0]?.parts).toEqual(before?.parts)
})

test('identical texts stay two messages', async () => {
  const { session, link } = await live()
  void session.send('again')
  void session.send('again')
  const one = await link.hears('send')
  const two = await link.hears('send')
  expect(one.id).not.toBe(two.id)
  await link.says(batch('s', 1, [runStarted('r1', { id: one.id, content: 'again' })]), batch('s', 2, [runFinished('r1')]), batch('s', 3, [runStarted('r2', { id: two.id, content: 'again' })]))
  expect(shown(session.state)).toEqual([one.id, two.id])
})

test('a message taken into the queue shows there, and not twice', async () => {
  const { session, link } = await live()
  await link.says(batch('s', 1, [runStarted('r', { id: 'x', content: '' })]))
  const sent = session.send('later', { id: 'a' })
  await link.says(batch('s', 2, [queued('a')]))
  expect(session.state.queue.map(({ message }) => message.id)).toEqual(['a'])
  expect(shown(session.state)).toEqual(['x'])
  await expect(sent).resolves.toEqual({ queued: 1 })
})

test('accepted settles a send; its message stays, unmarked, until its event comes', async () => {
  const { session, link } = await live()
  const sent = session.send('hi', { id: 'a' })
  await link.says({ type: 'accepted', id: 'a', result: { run: 'r' } })
  await expect(sent).resolves.toEqual({ run: 'r' })
  expect(shown(session.state)).toEqual(['a'])
  await link.says(batch('s', 1, [runStarted('r', { id: 'a', content: 'hi' })]))
  expect(shown(session.state)).toEqual(['a'])
})

test('its own event settles a send whose answer got lost', async () => {
  const stage = await live()
  const sent = stage.session.send('hi', { id: 'a' })
  const next = await reattached(stage, 1)
  await next.says(batch('s', 1, [runStarted('r', { id: 'a', content: 'hi' })]))
  await expect(sent).resolves.toEqual({ run: 'r' })
})

test('refused rejects a send and takes its message away', async () => {
  const { session, link, changes } = await live()
  const refused = expect(session.send('hi', { id: 'a', whenBusy: 'refuse' })).rejects.toMatchObject({ code: 'busy' })
  await link.says({ type: 'refused', id: 'a', session: 's', code: 'busy', message: 'a run is under way' })
  await refused
  expect(shown(session.state)).toEqual([])
  expect(changes.at(-1)).toBe(session.state)
})

test('a message sent without a link goes out, once, when the session is attached', async () => {
  const { client, session, clock, wake, link, welcomed } = await live()
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

test('what is unsettled is sent again on the next link, under the same id', async () => {
  const stage = await live()
  void stage.session.send('hi', { id: 'a' })
  const first = await stage.link.hears('send')
  const next = await reattached(stage, 0)
  expect(await next.hears('send')).toEqual(first)
})

test('an id that is on its way already is refused, and nothing shows twice', async () => {
  const { session } = await live()
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
  const { session, link } = await live()
  void session.send([{ type: 'text', text: 'look' }])
  expect((await link.hears('send')).message).toMatchObject({ role: 'user', content: [{ type: 'text', text: 'look' }] })
  void session.send({ id: 'mine', role: 'user', content: 'hi', name: 'Ann' })
  expect(await link.hears('send')).toMatchObject({ id: 'mine', message: { id: 'mine', name: 'Ann' } })
})

test('a send says what to do when busy, what the run gets, and what it replaces', async () => {
  const { session, link } = await live()
  void session.send('hi', { whenBusy: 'interrupt', input: { state: { a: 1 } }, replaces: 'old' })
  expect(await link.hears('send')).toMatchObject({ whenBusy: 'interrupt', input: { state: { a: 1 } }, replaces: 'old' })
  void session.edit('old', 'better')
  expect(await link.hears('send')).toMatchObject({ replaces: 'old', message: { content: 'better' } })
})

test('regenerate leaves the message out, and names the first that goes', async () => {
  const { session, link } = await live()
  const start = { type: 'TEXT_MESSAGE_START', messageId: 't', role: 'assistant' } as SessionEvent
  const text = { type: 'TEXT_MESSAGE_CONTENT', messageId: 't', delta: 'answer' } as SessionEvent
  await link.says(batch('s', 4, [runStarted('r', { id: 'q', content: 'why' }), start, text, runFinished('r')]))
  const sent = session.regenerate()
  const frame = await link.hears('send')
  expect(frame).toEqual({ type: 'send', id: frame.id, session: 's', replaces: 'r' })
  await link.says({ type: 'accepted', id: frame.id, result: { run: 'r2' } })
  await expect(sent).resolves.toEqual({ run: 'r2' })
})

test('a snapshot that shows a sent message takes its place', async () => {
  const stage = await live()
  void stage.session.send('hi', { id: 'a' })
  stage.link.wire.cut()
  const next = await stage.welcomed()
  const { id } = await next.hears('attach')
  await next.says(snapshot(id, 's', 5, { messages: [{ id: 'a', role: 'user', parts: [] }] }))
  expect(shown(stage.session.state)).toEqual(['a'])
})

test('a message that was stored and rewound while we were away does not stay for ever', async () => {
  const stage = await live()
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

test('stop names the run that is seen at the click', async () => {
  const { session, link } = await live()
  await link.says(batch('s', 1, [runStarted('r1', { id: 'a', content: '' })]))
  const stopped = session.stop({ queue: true })
  const frame = await link.hears('stop')
  expect(frame).toEqual({ type: 'stop', id: frame.id, session: 's', run: 'r1', queue: true })
  await link.says({ type: 'accepted', id: frame.id, result: { stopped: true } })
  await expect(stopped).resolves.toEqual({ stopped: true })
})

test('a stop that waits for a link still names the run of the click, not a later one', async () => {
  const stage = await live()
  await stage.link.says(batch('s', 1, [runStarted('r1', { id: 'a', content: '' })]))
  stage.link.wire.cut()
  await stage.clock.settle()
  void stage.session.stop()
  const next = await stage.welcomed()
  const { id } = await next.hears('attach')
  await next.says(resumed(id, 's', 3), batch('s', 2, [runFinished('r1')]), batch('s', 3, [runStarted('r2', { id: 'b', content: '' })]))
  expect(await next.hears('stop')).toMatchObject({ run: 'r1' })
})

test('stop before the run has begun names the message just sent', async () => {
  const { session, link } = await live()
  void session.send('hi', { id: 'a' })
  void session.stop()
  expect(await link.hears('stop')).toMatchObject({ message: 'a' })
})

test('stop while the agent waits for a person names the run that asked', async () => {
  const { session, link } = await live()
  await link.says(batch('s', 2, [runStarted('r1', { id: 'a', content: '' }), interrupted('r1')]))
  expect(session.state.status).toBe('waiting')
  void session.stop()
  expect(await link.hears('stop')).toMatchObject({ run: 'r1' })
})

test('stop where nothing is under way says so without a word to the server', async () => {
  const { session, link } = await live()
  await expect(session.stop()).resolves.toEqual({ stopped: false, reason: 'not_running' })
  expect(link.heard.map(({ type }) => type)).not.toContain('stop')
})

test('stop before anything is known of the session does not claim that nothing runs', async () => {
  const { client } = setStage()
  await expect(client.session('s').stop()).rejects.toMatchObject({ code: 'unavailable' })
})

test('answer, tool result and unqueue are commands with ids of their own', async () => {
  const { session, link } = await live()
  void session.answer('i', { yes: true })
  expect(await link.hears('answer')).toMatchObject({ interrupt: 'i', status: 'resolved', payload: { yes: true } })
  void session.answer('i', undefined, { status: 'cancelled' })
  const cancelled = await link.hears('answer')
  expect(cancelled).toMatchObject({ status: 'cancelled' })
  expect(cancelled).not.toHaveProperty('payload')
  void session.toolResult('t', 'sunny', { error: 'late' })
  const result = await link.hears('send')
  expect(result.message).toEqual({ id: result.id, role: 'tool', toolCallId: 't', content: 'sunny', error: 'late' })
  expect(shown(session.state)).toEqual([])
  const removed = session.unqueue('m')
  const unqueue = await link.hears('unqueue')
  expect(unqueue).toMatchObject({ message: 'm' })
  await link.says({ type: 'accepted', id: unqueue.id, result: { removed: true } })
  await expect(removed).resolves.toEqual({ removed: true })
})

test('each event is told once, after the state has it, with its seq', async () => {
  const { session, link } = await live()
  const told: unknown[] = []
  session.on('event', (event, { seq, replayed }) => told.push([event.type, seq, replayed, session.state.custom['note']]))
  await link.says(batch('s', 2, [note(1), note(2)]), batch('s', 2, [note(1), note(2)]), batch('s', 3))
  expect(told).toEqual([['CUSTOM', 1, false, 2], ['CUSTOM', 2, false, 2], ['CUSTOM', 3, false, 3]])
})

test('the events of a merged batch have its last seq', async () => {
  const { session, link } = await live()
  const seqs: number[] = []
  session.on('event', (_, { seq }) => seqs.push(seq))
  await link.says(batch('s', 9, [note(8), note(9)], 1))
  expect(seqs).toEqual([9, 9])
})

test('events up to the head of the attach are replayed, later ones are not', async () => {
  const stage = await live()
  const told: unknown[] = []
  stage.session.on('event', (_, { seq, replayed }) => told.push([seq, replayed]))
  const next = await reattached(stage, 2)
  await next.says(batch('s', 1), batch('s', 2), batch('s', 3))
  expect(told).toEqual([[1, true], [2, true], [3, false]])
})

test('what a snapshot covers is told as a reset, with its reason', async () => {
  const stage = await live()
  const resets: string[] = []
  stage.session.on('reset', (reason) => resets.push(reason))
  stage.link.wire.cut()
  const next = await stage.welcomed()
  const { id } = await next.hears('attach')
  await next.says({ ...(snapshot(id, 's', 40) as object), reason: 'mark_mismatch' } as never)
  expect(resets).toEqual(['mark_mismatch'])
})

test('change is told once a batch, with the state', async () => {
  const { session, link, changes } = await live()
  await link.says(batch('s', 3, [note(1), note(2), note(3)]))
  expect(changes).toHaveLength(1)
  expect(changes[0]).toBe(session.state)
})

test('the state is the same object until something changes', async () => {
  const { session, link } = await live()
  const before = session.getState()
  expect(session.getState()).toBe(before)
  await link.says({ type: 'ping', n: 1, sent: { s: 0 } })
  expect(session.getState()).toBe(before)
  await link.says(batch('s', 1))
  expect(session.getState()).not.toBe(before)
})

test('subscribe and getState can be passed on without their session', async () => {
  const { session, link } = await live()
  const { subscribe, getState } = session
  let calls = 0
  const stop = subscribe(() => calls++)
  await link.says(batch('s', 1))
  stop()
  await link.says(batch('s', 2))
  expect(calls).toBe(1)
  expect(getState().custom).toEqual({ note: 2 })
})

test('a listener that throws is reported, and harms neither the others nor the session', async () => {
  const { client, session, link } = await live()
  const errors: unknown[] = []
  const seen: number[] = []
  client.on('error', (error) => errors.push(error))
  const failure = new Error('in the app')
  session.on('event', () => {
    throw failure
  })
  session.on('event', (_, { seq }) => seen.push(seq))
  await link.says(batch('s', 1), batch('s', 2))
  expect(errors).toEqual([failure, failure])
  expect(seen).toEqual([1, 2])
  expect(session.state.custom).toEqual({ note: 2 })
  expect(link.closed()).toBeUndefined()
})

test('a failure rejects the commands that wait, and those that follow', async () => {
  const { session, link } = await live()
  const rejected = expect(session.send('hi')).rejects.toMatchObject({ code: 'session_not_found' })
  await link.says({ type: 'detached', session: 's', reason: 'deleted' })
  await rejected
  await expect(session.send('again')).rejects.toMatchObject({ code: 'session_not_found' })
  expect(shown(session.state)).toEqual([])
})

test('detach tells the server, stops listening, and rejects what waits', async () => {
  const { client, session, clock, link, changes } = await live()
  const rejected = expect(session.send('hi')).rejects.toMatchObject({ code: 'closed' })
  changes.length = 0
  session.detach()
  await rejected
  expect(await link.hears('detach')).toEqual({ type: 'detach', session: 's' })
  await expect(session.send('again')).rejects.toMatchObject({ code: 'closed' })
  await link.says(batch('s', 1))
  session.retry()
  await clock.settle()
  expect(changes).toEqual([])
  expect(session.state.custom).toEqual({})
  expect(link.heard.filter(({ type }) => type === 'attach')).toHaveLength(1)
  expect(client.session('s')).not.toBe(session)
})

test('a listener may detach its session in the middle of a batch', async () => {
  const { session, link } = await live()
  const seqs: number[] = []
  session.on('event', (_, { seq }) => {
    seqs.push(seq)
    session.detach()
  })
  await link.says(batch('s', 2, [note(1), note(2)]), batch('s', 3))
  expect(seqs).toEqual([1])
})

const page = (ids: string[], more: boolean) => ({
  ok: true,
  status: 200,
  headers: { get: () => null },
  json: async () => ({ messages: ids.map((id): TranscriptMessage => ({ id, role: 'user', parts: [] })), more }),
})

test('older messages are loaded before the first, and the cursor stays', async () => {
  const urls: string[] = []
  const pages = [page(['b', 'c'], true), page(['a'], false)]
  const { client, clock, welcomed } = setStage({
    fetch: async (url) => {
      urls.push(url)
      return pages.shift() ?? page([], false)
    },
  })
  const session = client.session('s')
  const link = await welcomed()
  const { id } = await link.hears('attach')
  await link.says(snapshot(id, 's', 9, { messages: [{ id: 'd', role: 'user', parts: [] }] }, true))
  const [one, same] = await Promise.all([session.older(2), session.older(2)])
  expect(one.map((message) => message.id)).toEqual(['b', 'c'])
  expect(same).toBe(one)
  expect(session.state.more).toBe(true)
  await session.older(2)
  expect(shown(session.state)).toEqual(['a', 'b', 'c', 'd'])
  expect(session.state.more).toBe(false)
  expect(await session.older()).toEqual([])
  expect(urls).toEqual(['http://server.test/v1/sessions/s/messages?before=d&limit=2', 'http://server.test/v1/sessions/s/messages?before=b&limit=2'])
  link.wire.cut()
  await clock.settle()
  expect((await (await welcomed()).hears('attach')).cursor).toMatch(/\.9$/)
})

test('a page that a snapshot has overtaken is asked for again', async () => {
  const urls: string[] = []
  let answer = (_page: ReturnType<typeof page>): void => {}
  const { client, clock, welcomed } = setStage({
    fetch: (url) => {
      urls.push(url)
      return new Promise((resolve) => (answer = resolve))
    },
  })
  const session = client.session('s')
  const link = await welcomed()
  const { id } = await link.hears('attach')
  await link.says(snapshot(id, 's', 9, { messages: [{ id: 'd', role: 'user', parts: [] }] }, true))
  const loading = session.older()
  await clock.settle()
  await link.says(snapshot(id, 's', 99, { messages: [{ id: 'x', role: 'user', parts: [] }] }, true))
  answer(page(['c'], true))
  await clock.settle()
  expect(urls[1]).toContain('before=x')
  answer(page(['w'], true))
  await loading
  expect(shown(session.state)).toEqual(['w', 'x'])
})
