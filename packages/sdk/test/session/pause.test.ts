import { expect, test } from 'vitest'
import { batch, cursor, reattached, resumed, setSession } from '../stage.ts'

test('a paused session is detached, keeps its state, and needs no link', async () => {
  const { session, link, clock, links } = await setSession(undefined, 3)
  await link.says(batch('s', 4))
  const { state } = session
  session.pause()
  await link.hears('detach')
  await link.says(batch('s', 5))
  expect(session.state).toBe(state)
  link.wire.cut()
  await clock.advance(60_000)
  expect(links).toHaveLength(1)
})

test('it goes on from its cursor by retry', async () => {
  const { session, link } = await setSession(undefined, 3)
  session.pause()
  session.retry()
  const attach = await link.hears('attach')
  expect(attach.cursor).toBe(cursor(3))
  await link.says(resumed(attach.id, 's', 4), batch('s', 4))
  expect(session.state.custom).toEqual({ note: 4 })
})

test('it goes on by asking for it', async () => {
  const { client, session, link } = await setSession()
  session.pause()
  expect(client.session('s')).toBe(session)
  await link.hears('attach')
})

test('it goes on by a command', async () => {
  const { session, link } = await setSession()
  session.pause()
  void session.send('hi', { id: 'a' })
  const attach = await link.hears('attach')
  await link.says(resumed(attach.id, 's', 0))
  expect(await link.hears('send')).toMatchObject({ id: 'a' })
})

test('it is not paused while a command waits', async () => {
  const stage = await setSession()
  void stage.session.send('hi', { id: 'a' })
  stage.session.pause()
  const next = await reattached(stage, 0)
  await next.hears('send')
})
