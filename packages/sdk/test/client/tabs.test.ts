import { expect, test } from 'vitest'
import type { KeyValueStorage } from '../../src/index.ts'
import { memoryStorage } from '../../src/saved/index.ts'
import { sends, typed } from '../earlier-page.ts'
import { batch, reattached, resumed, runStarted, setSession, setStage, shown, snapshot } from '../stage.ts'

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

/** Two tabs that have one command: `giver`, which gave it and is hidden, and `other`, which has sent it and has no answer. */
async function twoTabs() {
  const storage = memoryStorage()
  const giver = setStage({ storage, user: 'ann' })
  giver.wake.state.hidden = true
  const settled = giver.client
    .session('s')
    .send('hi', { id: 'a' })
    .catch((error: unknown) => error)
  await giver.clock.settle()
  const other = await openTab(storage)
  expect(sends(other.link)).toEqual(['a'])
  const show = async () => {
    giver.wake.state.hidden = false
    giver.wake.signal('visible')
    const link = await giver.welcomed()
    await link.says(snapshot((await link.hears('attach')).id, 's', 0))
    return link
  }
  return { storage, giver, settled, other, show }
}

/** A tab that has taken up what is kept, with what it was told. */
async function openTab(storage: KeyValueStorage) {
  const stage = setStage({ storage, user: 'ann' })
  const session = stage.client.session('s')
  const unsent: string[] = []
  session.on('unsent', ({ text }) => unsent.push(text))
  const link = await stage.welcomed()
  await link.says(snapshot((await link.hears('attach')).id, 's', 0))
  return { ...stage, session, unsent, link }
}

const refusal = { type: 'refused', id: 'a', code: 'queue_full', message: 'no room' } as const

test('a command that one tab was refused is not sent again by another, on its next link', async () => {
  const { show, settled, other } = await twoTabs()
  await (await show()).says(refusal)
  expect(await settled).toMatchObject({ code: 'queue_full' })
  const again = await reattached(other, 0)
  expect(sends(again)).toEqual([])
  await again.says({ type: 'ping', n: 1, sent: { s: 0 } })
  expect(other.unsent).toEqual([])
  expect(shown(other.session.state)).toEqual([])
})

test('a command that another tab was refused, and told, is not sent again by the one that gave it', async () => {
  const { show, settled, other } = await twoTabs()
  await other.link.says(refusal)
  await other.clock.settle()
  expect(other.unsent).toEqual(['hi'])
  const link = await show()
  expect(await settled).toMatchObject({ code: 'queue_full' })
  expect(sends(link)).toEqual([])
})

test('a command that one tab was refused is not sent by another that the server told to wait', async () => {
  const { show, settled, other } = await twoTabs()
  await other.link.says({ type: 'refused', id: 'a', code: 'unavailable', message: 'later', retryMs: 5_000 })
  await (await show()).says(refusal)
  expect(await settled).toMatchObject({ code: 'queue_full' })
  await other.clock.advance(5_000)
  expect(sends(other.link)).toEqual(['a'])
  expect(other.unsent).toEqual([])
})

test('a command that two tabs were refused is told in one of them', async () => {
  const storage = memoryStorage()
  await typed(storage, 'hi')
  const tabs = [await openTab(storage), await openTab(storage)]
  await Promise.all(tabs.map(({ link }) => link.says({ ...refusal, id: 'hi' })))
  for (const { clock } of tabs) await clock.settle()
  expect(tabs.flatMap(({ unsent }) => unsent)).toEqual(['hi'])
})

test('a command that was refused where nobody listens is told by whichever tab is asked first', async () => {
  const storage = memoryStorage()
  await typed(storage, 'hi')
  const { client, clock, welcomed } = setStage({ storage, user: 'ann' })
  const deaf = client.session('s')
  const link = await welcomed()
  await link.says(snapshot((await link.hears('attach')).id, 's', 0), { ...refusal, id: 'hi' })
  await clock.settle()
  const { unsent } = await openTab(storage)
  expect(unsent).toEqual(['hi'])
  deaf.on('unsent', ({ text }) => unsent.push(text))
  await clock.settle()
  expect(unsent).toEqual(['hi'])
})

test('a command that took effect through one tab is not told as unsent by another', async () => {
  const { show, settled, other } = await twoTabs()
  await (await show()).says({ type: 'accepted', id: 'a', result: { run: 'r' } })
  expect(await settled).toEqual({ run: 'r' })
  await other.link.says({ type: 'detached', session: 's', reason: 'deleted' })
  await other.clock.settle()
  expect(other.unsent).toEqual([])
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
