import { expect, test } from 'vitest'
import type { SessionEvent } from '../../src/index.ts'
import { batch, resumed, runFinished, runStarted, setSession, setStage, shown } from '../stage.ts'

const interrupted = (run: string): SessionEvent => ({
  type: 'RUN_FINISHED',
  threadId: 's',
  runId: run,
  outcome: { type: 'interrupt', interrupts: [{ id: 'i', reason: 'input' }] },
})

test('regenerate leaves the message out, and names the first that goes', async () => {
  const { session, link } = await setSession()
  const start = { type: 'TEXT_MESSAGE_START', messageId: 't', role: 'assistant' } as SessionEvent
  const text = { type: 'TEXT_MESSAGE_CONTENT', messageId: 't', delta: 'answer' } as SessionEvent
  await link.says(batch('s', 4, [runStarted('r', { id: 'q', content: 'why' }), start, text, runFinished('r')]))
  const sent = session.regenerate()
  const frame = await link.hears('send')
  expect(frame).toEqual({ type: 'send', id: frame.id, session: 's', replaces: 'r' })
  await link.says({ type: 'accepted', id: frame.id, result: { run: 'r2' } })
  await expect(sent).resolves.toEqual({ run: 'r2' })
})

test('stop names the run that is seen at the click', async () => {
  const { session, link } = await setSession()
  await link.says(batch('s', 1, [runStarted('r1', { id: 'a', content: '' })]))
  const stopped = session.stop({ queue: true })
  const frame = await link.hears('stop')
  expect(frame).toEqual({ type: 'stop', id: frame.id, session: 's', run: 'r1', queue: true })
  await link.says({ type: 'accepted', id: frame.id, result: { stopped: true } })
  await expect(stopped).resolves.toEqual({ stopped: true })
})

test('a stop that waits for a link still names the run of the click, not a later one', async () => {
  const stage = await setSession()
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
  const { session, link } = await setSession()
  void session.send('hi', { id: 'a' })
  void session.stop()
  expect(await link.hears('stop')).toMatchObject({ message: 'a' })
})

test('stop while the agent waits for a person names the run that asked', async () => {
  const { session, link } = await setSession()
  await link.says(batch('s', 2, [runStarted('r1', { id: 'a', content: '' }), interrupted('r1')]))
  expect(session.state.status).toBe('waiting')
  void session.stop()
  expect(await link.hears('stop')).toMatchObject({ run: 'r1' })
})

test('stop where nothing is under way says so without a word to the server', async () => {
  const { session, link } = await setSession()
  await expect(session.stop()).resolves.toEqual({ stopped: false, reason: 'not_running' })
  expect(link.heard.map(({ type }) => type)).not.toContain('stop')
})

test('stop before anything is known of the session does not claim that nothing runs', async () => {
  const { client } = setStage()
  await expect(client.session('s').stop()).rejects.toMatchObject({ code: 'unavailable' })
})

test('answer, tool result and unqueue are commands with ids of their own', async () => {
  const { session, link } = await setSession()
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

test('a failure rejects the commands that wait, and those that follow', async () => {
  const { session, link } = await setSession()
  const rejected = expect(session.send('hi')).rejects.toMatchObject({ code: 'session_not_found' })
  await link.says({ type: 'detached', session: 's', reason: 'deleted' })
  await rejected
  await expect(session.send('again')).rejects.toMatchObject({ code: 'session_not_found' })
  expect(shown(session.state)).toEqual([])
})

test('detach tells the server, stops listening, and rejects what waits', async () => {
  const { client, session, clock, link } = await setSession()
  const rejected = expect(session.send('hi')).rejects.toMatchObject({ code: 'closed' })
  const changes: unknown[] = []
  session.on('change', ({ failure }) => changes.push(failure?.code))
  session.detach()
  await rejected
  expect(await link.hears('detach')).toEqual({ type: 'detach', session: 's' })
  await expect(session.send('again')).rejects.toMatchObject({ code: 'closed' })
  await link.says(batch('s', 1))
  session.retry()
  await clock.settle()
  expect(changes).toEqual(['closed'])
  expect(session.state.custom).toEqual({})
  expect(link.heard.filter(({ type }) => type === 'attach')).toHaveLength(1)
  expect(client.session('s')).not.toBe(session)
})
