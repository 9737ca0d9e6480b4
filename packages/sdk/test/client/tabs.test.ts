import { expect, test } from 'vitest'
import { memoryStorage } from '../../src/saved/index.ts'
import { batch, resumed, runStarted, setSession, setStage, shown, snapshot } from '../stage.ts'

// Loaded by the client when it is needed; loaded before, that takes no time of its own.
await import('../../src/saved/keeper.ts')

test('a command that two tabs hold is sent by both under one id, and both settle', async () => {
  const storage = memoryStorage()
  const one = setStage({ storage, user: 'ann' })
  one.wake.state.hidden = true
  const sent = one.client.session('s').send('hi', { id: 'a' })
  await one.clock.settle()

  const two = setStage({ storage, user: 'ann' })
  const other = two.client.session('s')
  const linkTwo = await two.welcomed()
  await linkTwo.says(snapshot((await linkTwo.hears('attach')).id, 's', 0))
  const frameTwo = await linkTwo.hears('send')

  one.wake.state.hidden = false
  one.wake.signal('visible')
  const linkOne = await one.welcomed()
  await linkOne.says(snapshot((await linkOne.hears('attach')).id, 's', 0))
  expect(await linkOne.hears('send')).toEqual(frameTwo)

  const effect = batch('s', 1, [runStarted('r', { id: 'a', content: 'hi' })])
  await linkOne.says({ type: 'accepted', id: 'a', result: { run: 'r' } }, effect)
  await linkTwo.says({ type: 'accepted', id: 'a', result: { run: 'r' } }, effect)
  await expect(sent).resolves.toEqual({ run: 'r' })
  expect(shown(one.client.session('s').state)).toEqual(['a'])
  expect(shown(other.state)).toEqual(['a'])
  expect((await storage.keys('')).filter((key) => key.includes('/command/'))).toEqual([])
})

test('a command that one tab has taken back is not sent by another', async () => {
  const storage = memoryStorage()
  const one = setStage({ storage, user: 'ann' })
  one.wake.state.hidden = true
  const session = one.client.session('s')
  const rejected = expect(session.send('hi', { id: 'a' })).rejects.toMatchObject({ code: 'closed' })
  await one.clock.settle()

  const two = setStage({ storage, user: 'ann' })
  two.wake.state.hidden = true
  const other = two.client.session('s')
  await two.clock.settle()
  expect(shown(other.state)).toEqual(['a (sending)'])
  session.detach()
  await rejected

  two.wake.state.hidden = false
  two.wake.signal('visible')
  const link = await two.welcomed()
  await link.says(snapshot((await link.hears('attach')).id, 's', 0), { type: 'ping', n: 1, sent: { s: 0 } })
  await link.says({ type: 'ping', n: 2, sent: { s: 0 } })
  expect(link.heard.map(({ type }) => type)).not.toContain('send')
  expect(shown(other.state)).toEqual([])
})

test('two tabs that send at the same time keep both commands', async () => {
  const storage = memoryStorage()
  for (const id of ['a', 'b']) {
    const tab = setStage({ storage, user: 'ann' })
    tab.wake.state.hidden = true
    tab.client
      .session('s')
      .send(id, { id })
      .catch(() => undefined)
    await tab.clock.settle()
  }
  const { client, clock } = setStage({ storage, user: 'ann' })
  const session = client.session('s')
  await clock.settle()
  expect(shown(session.state).toSorted()).toEqual(['a (sending)', 'b (sending)'])
})

test('a tab that fell behind does not save over what the other has', async () => {
  const storage = memoryStorage()
  const behind = await setSession({ storage, user: 'ann' }, 1)
  const ahead = await setSession({ storage, user: 'ann' }, 1)
  await ahead.link.says(batch('s', 2), batch('s', 3))
  await ahead.clock.advance(2_000)
  await behind.link.says(batch('s', 2))
  await behind.clock.advance(2_000)
  const next = setStage({ storage, user: 'ann' })
  next.client.session('s')
  expect((await (await next.welcomed()).hears('attach')).cursor).toMatch(/\.3$/)
})

test('each tab has its own view and cursor', async () => {
  const storage = memoryStorage()
  const one = await setSession({ storage, user: 'ann' }, 0)
  await one.link.says(batch('s', 1))
  await one.clock.advance(2_000)
  const two = setStage({ storage, user: 'ann' })
  const session = two.client.session('s')
  const link = await two.welcomed()
  const { id } = await link.hears('attach')
  await link.says(resumed(id, 's', 2), batch('s', 2))
  expect(session.state.custom).toEqual({ note: 2 })
  expect(one.session.state.custom).toEqual({ note: 1 })
})
