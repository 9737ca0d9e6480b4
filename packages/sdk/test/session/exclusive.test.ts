import { expect, test } from 'vitest'
import { cursor, reattached, resumed, setSession, setStage, snapshot } from '../stage.ts'

async function setExclusive() {
  const stage = setStage({ random: Math.random })
  const session = stage.client.session('s', { exclusive: true })
  await stage.clock.advance(1_000)
  const link = await stage.welcomed()
  const attach = await link.hears('attach')
  await link.says(snapshot(attach.id, 's', 0))
  return { ...stage, session, link, attach }
}

test('a session that is asked for exclusively attaches with a claim, and repeats it on the next link', async () => {
  const { link, attach, welcomed, clock } = await setExclusive()
  expect(attach.exclusive).toMatch(/^[A-Za-z0-9._:-]{1,128}$/)
  link.wire.cut()
  await clock.advance(1_000)
  expect((await (await welcomed()).hears('attach')).exclusive).toBe(attach.exclusive)
})

test('one that is not carries none', async () => {
  const stage = await setSession()
  const next = await reattached(stage, 0)
  expect(next.heard.find(({ type }) => type === 'attach')).not.toHaveProperty('exclusive')
})

test('one that is followed already is claimed by asking for it so, once', async () => {
  const { client, session, link } = await setSession({ random: Math.random })
  expect(client.session('s', { exclusive: true })).toBe(session)
  const again = await link.hears('attach')
  expect(again).toMatchObject({ session: 's', cursor: cursor(0), exclusive: expect.any(String) as string })
  client.session('s', { exclusive: true })
  client.session('s')
  await link.says(resumed(again.id, 's', 0))
  expect(link.heard.filter(({ type }) => type === 'attach')).toHaveLength(2)
})

test('one that is superseded does not come back by itself, on no link', async () => {
  const { session, link, welcomed, clock, wake, client } = await setExclusive()
  client.session('other')
  await link.says({ type: 'detached', session: 's', reason: 'superseded' })
  expect(session.state.failure).toMatchObject({ code: 'superseded' })
  wake.signal('visible', 'focus', 'online')
  link.wire.cut()
  await clock.advance(1_000)
  const next = await welcomed()
  await clock.advance(60_000)
  expect(next.heard.filter((frame) => frame.type === 'attach' && frame.session === 's')).toEqual([])
})

test('retry takes it back, with a new claim', async () => {
  const { session, link, attach } = await setExclusive()
  await link.says({ type: 'detached', session: 's', reason: 'superseded' })
  session.retry()
  const again = await link.hears('attach')
  expect(again.exclusive).toEqual(expect.any(String))
  expect(again.exclusive).not.toBe(attach.exclusive)
  await link.says(resumed(again.id, 's', 0))
  expect(session.state.failure).toBeUndefined()
})

test('what was given before it was superseded may have taken effect: it waits for its answer', async () => {
  const { session, link } = await setExclusive()
  const told: string[] = []
  for (const id of ['a', 'b'])
    void session.send('hi', { id }).then(
      () => told.push(id),
      () => told.push(`${id} rejected`),
    )
  await link.hears('send')
  await link.says({ type: 'detached', session: 's', reason: 'superseded' }, { type: 'accepted', id: 'a', result: { run: 'r' } })
  expect(told).toEqual(['a'])
  session.retry()
  const again = await link.hears('attach')
  await link.says(resumed(again.id, 's', 0))
  expect(link.heard.filter(({ type }) => type === 'send').map((frame) => 'id' in frame && frame.id)).toEqual(['a', 'b'])
  await link.says({ type: 'accepted', id: 'b', result: { queued: 1 } })
  expect(told).toEqual(['a', 'b'])
})

test('once it is superseded nothing can be given', async () => {
  const { session, link } = await setExclusive()
  await link.says({ type: 'detached', session: 's', reason: 'superseded' })
  await expect(session.send('hi')).rejects.toMatchObject({ code: 'superseded' })
  expect(session.state.messages).toEqual([])
})

test('the end of an older watch says nothing about this one', async () => {
  const { session, link, attach } = await setExclusive()
  await link.says({ type: 'detached', id: 'older', session: 's', reason: 'superseded' })
  expect(session.state.failure).toBeUndefined()
  await link.says({ type: 'detached', id: attach.id, session: 's', reason: 'superseded' })
  expect(session.state.failure).toBeDefined()
})
