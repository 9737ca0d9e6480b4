import { expect, test } from 'vitest'
import type { KeyValueStorage } from '../../src/index.ts'
import { memoryStorage } from '../../src/saved/index.ts'
import { nextPage, typed } from '../earlier-page.ts'
import { heldReads, heldWrites } from '../held-storage.ts'
import { jsonAnswer } from '../json-answer.ts'
import { batch, note, resumed, setSession, setStage, shown, snapshot } from '../stage.ts'

// Loaded by the client when it is needed; loaded before, that takes no time of its own.
await import('../../src/saved/keeper.ts')

const savedOf = async (storage: KeyValueStorage, principal: string) =>
  (await storage.keys('')).filter((key) => key.split('/')[2] === principal).map((key) => key.split('/').slice(3).join('/'))

test('who the user is, is known from the option, or from the welcome', async () => {
  const told: string[] = []
  const { client, welcomed } = setStage()
  client.on('principal', (principal) => told.push(principal))
  client.session('s')
  expect(client.principal).toBeUndefined()
  await welcomed()
  expect(client.principal).toBe('ann')
  expect(told).toEqual(['ann'])
  expect(setStage({ user: 'ben' }).client.principal).toBe('ben')
})

test('a welcome for another than the option said blanks what was painted, removes what was saved, and attaches anew', async () => {
  const storage = memoryStorage()
  const first = await setSession({ storage, user: 'ann' }, 3)
  await first.link.says(batch('s', 4, [note(4)]))
  await first.clock.advance(2_000)
  first.client.close()

  const { client, clock, welcomed } = setStage({ storage, user: 'ann' })
  const session = client.session('s')
  await clock.settle()
  expect(session.state.custom).toEqual({ note: 4 })
  const link = await welcomed({ principal: 'ben' })
  expect(session.state.custom).toEqual({})
  const early = await link.hears('attach')
  const late = await link.hears('attach')
  expect(late).not.toHaveProperty('cursor')
  await link.says(resumed(early.id, 's', 5), batch('s', 5))
  expect(session.state.custom).toEqual({})
  await link.says(snapshot(late.id, 's', 1, { custom: { note: 'ben' } }))
  expect(session.state.custom).toEqual({ note: 'ben' })
  await clock.advance(2_000)
  expect(await savedOf(storage, 'ann')).toEqual([])
  expect(await savedOf(storage, 'ben')).toEqual(['replica/s'])
})

test('another principal on a later link, too, and what the one before gave is rejected and not sent', async () => {
  const storage = memoryStorage()
  const stage = await setSession({ storage })
  await stage.link.says(batch('s', 1))
  stage.link.wire.cut()
  const rejected = expect(stage.session.send('secret', { id: 'a' })).rejects.toMatchObject({ code: 'principal' })
  const next = await stage.welcomed({ principal: 'ben' })
  await rejected
  expect(stage.session.state.messages).toEqual([])
  const attaches = next.heard.filter(({ type }) => type === 'attach')
  await next.says(snapshot((attaches.at(-1) as { id: string }).id, 's', 0))
  expect(next.heard.map(({ type }) => type)).not.toContain('send')
  expect(shown(stage.session.state)).toEqual([])
  await stage.clock.advance(2_000)
  expect(await savedOf(storage, 'ann')).toEqual([])
})

/** A page that takes Ann for its user, of whom an earlier page has kept a session; what is kept is read late. */
async function keptOfAnn() {
  const storage = memoryStorage()
  const first = await setSession({ storage, user: 'ann' }, 3)
  await first.link.says(batch('s', 4, [note(4)]))
  await first.clock.advance(2_000)
  first.client.close()
  const held = heldReads(storage, '/ann/')
  const { client, clock, welcomed } = setStage({ storage: held.storage, user: 'ann' })
  return { storage, held, client, clock, welcomed, session: client.session('s') }
}

test('what was saved of another is not shown, however late it is read', async () => {
  const { held, clock, welcomed, session } = await keptOfAnn()
  await clock.settle()
  await welcomed({ principal: 'ben' })
  held.release()
  await clock.settle()
  expect(session.state.custom).toEqual({})
})

test('what was saved of the new one is waited for, though the wait for the one before is over', async () => {
  const storage = memoryStorage()
  const { client, clock, welcomed } = setStage({ storage: { ...storage, get: () => new Promise(() => undefined) }, user: 'ann' })
  client.session('s')
  await clock.advance(200)
  const link = await welcomed({ principal: 'ben' })
  await clock.advance(250)
  expect(link.heard.map(({ type }) => type)).not.toContain('attach')
  await clock.advance(60)
  await link.hears('attach')
})

test('the same principal on the next link changes nothing', async () => {
  const stage = await setSession({ storage: memoryStorage() })
  await stage.link.says(batch('s', 1))
  stage.link.wire.cut()
  const next = await stage.welcomed()
  await next.hears('attach')
  await expect(next.hears('attach')).rejects.toThrow('expected attach number 2')
  expect(stage.session.state.custom).toEqual({ note: 1 })
})

test('the directory of another is not shown', async () => {
  const { client, welcomed } = setStage()
  client.watch()
  const link = await welcomed()
  await link.says({ type: 'directory', sessions: [] })
  expect(client.directory).toEqual([])
  link.wire.cut()
  await welcomed({ principal: 'ben' })
  expect(client.directory).toBeUndefined()
})

test('signing out removes what is kept of the user, also what is just being written, and closes', async () => {
  const storage = memoryStorage()
  const { client, session, link, clock } = await setSession({ storage, user: 'ann' })
  await storage.set('throughline/http%3A%2F%2Fserver.test%2Fv1/ben/value/draft', JSON.stringify({ at: clock.now(), value: 1 }))
  await storage.set('of the app', 'its')
  await client.remember('draft', 'hello')
  await clock.advance(2_000)
  session.send('hi', { id: 'a' }).catch(() => undefined)
  await link.says(batch('s', 1))
  await client.signOut()
  expect(await savedOf(storage, 'ann')).toEqual([])
  expect(await storage.get('of the app')).toBe('its')
  expect(client.state).toMatchObject({ status: 'closed', reason: { code: 'closed' } })
  await clock.settle()
  expect(await savedOf(storage, 'ann')).toEqual([])
  expect(await savedOf(storage, 'ben')).toEqual(['value/draft'])
  expect(clock.pending).toBe(0)
})

test('signing out of a storage that hangs ends after two seconds, and the next page finds nothing of it', async () => {
  const storage = memoryStorage()
  const first = await setSession({ storage, user: 'ann' })
  await first.link.says(batch('s', 1))
  await first.clock.advance(2_000)
  first.client.close()

  const hanging = { ...storage, delete: () => new Promise<void>(() => undefined) }
  const { client, clock } = setStage({ storage: hanging, user: 'ann' })
  client
    .session('s')
    .send('secret', { id: 'a' })
    .catch(() => undefined)
  await clock.settle()
  let isOut = false
  void client.signOut().then(() => (isOut = true))
  await clock.advance(1_999)
  expect(isOut).toBe(false)
  await clock.advance(1)
  expect(isOut).toBe(true)

  const next = setStage({ storage, user: 'ann' })
  const session = next.client.session('s')
  await next.clock.settle()
  expect(session.state.custom).toEqual({})
  expect(shown(session.state)).toEqual([])
  expect(await savedOf(storage, 'ann')).toEqual([])
})

test('a user who comes back while what is kept is still being removed finds nothing of it', async () => {
  const { storage, held, client, clock, welcomed, session } = await keptOfAnn()
  const link = await welcomed({ principal: 'ben' })
  link.wire.cut()
  await welcomed()
  held.release()
  await clock.advance(2_000)
  expect(client.principal).toBe('ann')
  expect(session.state.custom).toEqual({})
  expect(await savedOf(storage, 'ann')).toEqual([])
})

test('of a session that was deleted, here or elsewhere, nothing stays', async () => {
  const storage = memoryStorage()
  for (const id of ['s', 't', 'u']) {
    const page = setStage({ storage, user: 'ann' })
    page.client.session(id)
    const link = await page.welcomed()
    await link.says(snapshot((await link.hears('attach')).id, id, 1))
    await page.clock.advance(2_000)
    page.client.close()
  }
  const { client, clock, welcomed } = setStage({ storage, user: 'ann', fetch: async () => jsonAnswer({}) })
  client.watch()
  const link = await welcomed()
  await client.delete('s')
  await link.says({ type: 'directory', sessions: [], gone: ['t'] })
  await clock.advance(2_000)
  expect(await savedOf(storage, 'ann')).toEqual(['replica/u'])
})

test('of a session that was deleted before it was known whose state is kept, nothing stays', async () => {
  const storage = memoryStorage()
  const first = await setSession({ storage, user: 'ann' }, 1)
  await first.clock.advance(2_000)
  first.client.close()
  const { client, clock, welcomed } = setStage({ storage, fetch: async () => jsonAnswer({}) })
  await client.delete('s')
  client.watch()
  await welcomed()
  await clock.advance(2_000)
  expect(await savedOf(storage, 'ann')).toEqual([])
})

test('what changes while what was kept of the one before is being removed is kept for the new one', async () => {
  const storage = memoryStorage()
  const hanging = {
    ...storage,
    keys: (prefix: string) => (prefix.includes('/ann/') ? new Promise<never>(() => undefined) : storage.keys(prefix)),
  }
  const { client, clock, welcomed } = setStage({ storage: hanging, user: 'ann' })
  client.session('s')
  const link = await welcomed({ principal: 'ben' })
  await clock.advance(300)
  await link.says(snapshot((await link.hears('attach')).id, 's', 1))
  await clock.advance(4_000)
  expect(await savedOf(storage, 'ben')).toEqual(['replica/s'])
})

test('signing out before anybody knows who it is removes what is kept of all on this server', async () => {
  const storage = memoryStorage()
  const first = await setSession({ storage, user: 'ann' })
  await first.clock.advance(2_000)
  first.client.close()
  const { client } = setStage({ storage })
  await client.signOut()
  expect(await storage.keys('')).toEqual([])
})

test('values of the app are kept beside, for this user', async () => {
  const storage = memoryStorage()
  await setStage({ storage, user: 'ann' }).client.remember('theme', { dark: true })
  expect(await setStage({ storage, user: 'ann' }).client.recall('theme')).toEqual({ dark: true })
  expect(await setStage({ storage, user: 'ben' }).client.recall('theme')).toBeUndefined()
})

test('that the directory is unknown again, since another is signed in, is told once', async () => {
  const { client, welcomed } = setStage()
  const told: unknown[] = []
  client.on('directory', (directory) => told.push(directory))
  client.watch()
  const link = await welcomed()
  await link.says({ type: 'directory', sessions: [] })
  link.wire.cut()
  const next = await welcomed({ principal: 'ben' })
  next.wire.cut()
  await welcomed({ principal: 'eve' })
  expect(told).toEqual([[], undefined])
})

test('a message that the one before sent, stored but not seen in the journal, is not shown to another', async () => {
  const stage = await setSession()
  const sent = stage.session.send('secret', { id: 'a' })
  await stage.link.says({ type: 'accepted', id: 'a', result: { run: 'r' } })
  await sent
  expect(shown(stage.session.state)).toEqual(['a'])
  stage.link.wire.cut()
  await stage.welcomed({ principal: 'ben' })
  expect(shown(stage.session.state)).toEqual([])
})

test('what waits is not told any more as on its way when another signs in', async () => {
  const stage = await setSession()
  stage.link.wire.cut()
  stage.session.send('secret', { id: 'a' }).catch(() => undefined)
  const told: string[][] = []
  stage.session.on('change', (state) => told.push(shown(state)))
  await stage.welcomed({ principal: 'ben' })
  expect(told.flat()).toEqual([])
})

test('a value of the app that is read slowly is not given to another who has signed in meanwhile', async () => {
  const storage = memoryStorage()
  await setStage({ storage, user: 'ann' }).client.remember('draft', 'secret')
  const held = heldReads(storage, '/ann/')
  const { client, clock, welcomed } = setStage({ storage: held.storage, user: 'ann' })
  const recalled = client.recall('draft')
  client.watch()
  await clock.settle()
  await welcomed({ principal: 'ben' })
  held.release()
  expect(await recalled).toBeUndefined()
})

test('a list that was asked for by the one before is not restored for another', async () => {
  const lists = [['of-ann'], ['of-ben']]
  const answers: (() => void)[] = []
  const { client, clock, welcomed } = setStage({
    user: 'ann',
    fetch: async () => {
      const sessions = lists.shift()?.map((id) => ({ id, status: 'idle', open: true, position: 0, createdAt: 0, updatedAt: 0 }))
      await new Promise<void>((resolve) => answers.push(resolve))
      return jsonAnswer({ sessions })
    },
  })
  client.watch()
  const restoring = client.restore()
  await clock.settle()
  await welcomed({ principal: 'ben' })
  answers.shift()?.()
  await clock.settle()
  answers.shift()?.()
  expect((await restoring).map(({ id }) => id)).toEqual(['of-ben'])
  expect(client.followed('of-ann')).toBeUndefined()
})

test('a command that the one before gave in the very moment is not kept in the name of the next', async () => {
  const storage = memoryStorage()
  const { client, clock, welcomed } = setStage({ storage, user: 'ann' })
  const session = client.session('s')
  let rejected: Promise<void> | undefined
  client.on('log', ({ type }) => {
    if (type === 'welcome') rejected = expect(session.send('secret', { id: 'a' })).rejects.toMatchObject({ code: 'principal' })
  })
  await clock.settle()
  await welcomed({ principal: 'ben' })
  await rejected
  await clock.settle()
  expect(await savedOf(storage, 'ben')).toEqual([])
})

test('what of the one before was refused is not told to the next one, however slowly its record is written', async () => {
  const storage = memoryStorage()
  await typed(storage, 'secret')
  const refused = nextPage(storage)
  refused.client.session('s')
  const first = await refused.welcomed()
  await first.says(snapshot((await first.hears('attach')).id, 's', 0))
  await first.says({ type: 'refused', id: 'secret', session: 's', code: 'queue_full', message: 'full' })
  refused.client.close()

  const held = heldWrites(storage, '/command/')
  const { client, clock, welcomed } = nextPage(held.storage)
  const heard: string[] = []
  client.session('s').on('unsent', ({ text }) => heard.push(text))
  await clock.settle()
  await welcomed({ principal: 'ben' })
  held.release()
  await clock.settle()
  expect(heard).toEqual([])
})
