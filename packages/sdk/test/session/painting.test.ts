import { IDBFactory } from 'fake-indexeddb'
import { describe, expect, test, vi } from 'vitest'
import type { ConnectOptions, KeyValueStorage } from '../../src/index.ts'
import { indexedDbStorage, memoryStorage } from '../../src/saved/index.ts'
import { batch, cursor, note, resumed, setSession, setStage, shown, snapshot } from '../stage.ts'

// Loaded by the client when it is needed; loaded before, that takes no time of its own.
await import('../../src/saved/keeper.ts')

/** Another page on the same storage. */
function reloaded(storage: KeyValueStorage | false | undefined, options: ConnectOptions = {}) {
  const stage = setStage({ storage, user: 'ann', ...options })
  return { ...stage, session: stage.client.session('s') }
}

/** A storage on which a page has left `s` at seq 4. */
async function setSaved(storage: KeyValueStorage = memoryStorage()) {
  const page = await setSession({ storage, user: 'ann' }, 3)
  await page.link.says(batch('s', 4, [note(4)]))
  await page.clock.advance(2_000)
  page.client.close()
  return storage
}

describe('what was saved', () => {
  test('is shown before the network answers, and marked as not caught up', async () => {
    const { session, clock, log } = reloaded(await setSaved())
    const changes: unknown[] = []
    session.on('change', (state) => changes.push(state))
    await clock.settle()
    expect(session.state).toMatchObject({ custom: { note: 4 }, caughtUp: false })
    expect(changes).toEqual([session.state])
    expect(log).toContainEqual(expect.objectContaining({ type: 'painted', session: 's', seq: 4 }))
  })

  test('goes on from its cursor', async () => {
    const { session, welcomed } = reloaded(await setSaved())
    const link = await welcomed()
    const attach = await link.hears('attach')
    expect(attach.cursor).toBe(cursor(4))
    await link.says(resumed(attach.id, 's', 5), batch('s', 5))
    expect(session.state).toMatchObject({ custom: { note: 5 }, caughtUp: true })
  })

  test('gives way to a snapshot of the server, also to one with a lower seq, which is then saved', async () => {
    const storage = await setSaved()
    const { session, welcomed, clock, client } = reloaded(storage)
    const link = await welcomed()
    const { id } = await link.hears('attach')
    await link.says(snapshot(id, 's', 2, { custom: { note: 'server' } }))
    expect(session.state).toMatchObject({ custom: { note: 'server' }, caughtUp: true })
    await clock.advance(2_000)
    client.close()
    const next = reloaded(storage)
    await next.clock.settle()
    expect(next.session.state.custom).toEqual({ note: 'server' })
  })

  test('is shown once the welcome has told the user, where the app has not', async () => {
    const storage = await setSaved()
    const { session, clock, welcomed, newest } = reloaded(storage, { user: undefined })
    const early = await newest()
    await clock.settle()
    expect(session.state.custom).toEqual({})
    expect(early.heard.map(({ type }) => type)).toEqual(['hello'])
    const link = await welcomed()
    expect(session.state.custom).toEqual({ note: 4 })
    expect((await link.hears('attach')).cursor).toBe(cursor(4))
  })

  test('is not waited for longer than 300 ms, and then still shown when it comes', async () => {
    let answer: (() => void) | undefined
    const slow = await setSaved()
    const held = new Promise<void>((resolve) => {
      answer = resolve
    })
    const storage = { ...slow, get: (key: string) => held.then(() => slow.get(key)) }
    const { session, clock, welcomed } = reloaded(storage)
    const link = await welcomed()
    await clock.advance(290)
    expect(link.heard.map(({ type }) => type)).toEqual(['hello'])
    await clock.advance(20)
    const attach = await link.hears('attach')
    expect(attach).not.toHaveProperty('cursor')
    answer?.()
    await clock.settle()
    expect(session.state).toMatchObject({ custom: { note: 4 }, caughtUp: false })
    await link.says(snapshot(attach.id, 's', 9, { custom: { note: 9 } }))
    expect(session.state).toMatchObject({ custom: { note: 9 }, caughtUp: true })
  })

  test('does not take the place of what the server has said already', async () => {
    let answer: (() => void) | undefined
    const slow = await setSaved()
    const held = new Promise<void>((resolve) => {
      answer = resolve
    })
    const { session, clock, welcomed } = reloaded({ ...slow, get: (key: string) => held.then(() => slow.get(key)) })
    const link = await welcomed()
    await clock.advance(301)
    await link.says(snapshot((await link.hears('attach')).id, 's', 9, { custom: { note: 9 } }))
    answer?.()
    await clock.settle()
    expect(session.state.custom).toEqual({ note: 9 })
  })

  test('is gone when the server no longer gives the session', async () => {
    const storage = await setSaved()
    const { session, clock, welcomed } = reloaded(storage)
    const link = await welcomed()
    const { id } = await link.hears('attach')
    await link.says({ type: 'refused', id, session: 's', code: 'session_not_found', message: 'gone' })
    await clock.advance(2_000)
    expect(session.state.failure).toMatchObject({ code: 'session_not_found' })
    expect(await storage.keys('')).toEqual([])
  })
})

test('all of it works over IndexedDB, which it takes by itself where there is one', async () => {
  const scope = globalThis as { indexedDB?: unknown }
  scope.indexedDB = new IDBFactory()
  try {
    const keys = () => indexedDbStorage().keys('')
    const { client, clock, welcomed } = setStage({ user: 'ann' })
    client.session('s')
    const link = await welcomed()
    const { id } = await vi.waitFor(() => link.hears('attach'))
    await link.says(snapshot(id, 's', 3), batch('s', 4, [note(4)]))
    await clock.advance(2_000)
    await vi.waitFor(async () => expect(await keys()).toHaveLength(1))
    client.close()
    const next = setStage({ user: 'ann' })
    const session = next.client.session('s')
    await vi.waitFor(() => expect(session.state).toMatchObject({ custom: { note: 4 }, caughtUp: false }))
    await next.client.signOut()
    expect(await keys()).toEqual([])
  } finally {
    delete scope.indexedDB
  }
})

describe('a replica is saved', () => {
  const written = () => {
    const storage = memoryStorage()
    const writes: string[] = []
    return {
      writes,
      storage: {
        ...storage,
        update: async (key: string, change: (value: string | undefined) => string | undefined) => {
          writes.push(key)
          await storage.update?.(key, change)
        },
      },
    }
  }

  test('at most every two seconds', async () => {
    const { storage, writes } = written()
    const { link, clock } = await setSession({ storage, user: 'ann' })
    for (let seq = 1; seq <= 40; seq++) {
      await link.says(batch('s', seq))
      await clock.advance(100)
    }
    expect(writes.length).toBeGreaterThan(0)
    expect(writes.length).toBeLessThanOrEqual(2)
  })

  test('when the page is hidden, at once', async () => {
    const { storage, writes } = written()
    const { clock, wake } = await setSession({ storage, user: 'ann' })
    expect(writes).toEqual([])
    wake.signal('hidden')
    await clock.settle()
    expect(writes).toHaveLength(1)
  })

  test('when it is detached, at once', async () => {
    const { storage, writes } = written()
    const { clock, session } = await setSession({ storage, user: 'ann' })
    session.detach()
    await clock.settle()
    expect(writes).toHaveLength(1)
  })

  test('and not again where nothing changed', async () => {
    const { storage, writes } = written()
    const { clock, wake } = await setSession({ storage, user: 'ann' })
    await clock.advance(2_000)
    wake.signal('hidden')
    await clock.advance(10_000)
    expect(writes).toHaveLength(1)
  })

  test('nowhere where storage is off, and nothing leaves a timer', async () => {
    const { storage, writes } = written()
    const { client, clock } = await setSession({ storage, user: 'ann' })
    client.close()
    await clock.settle()
    expect(writes).toHaveLength(1)
    expect(clock.pending).toBe(0)
    const off = await setSession({ storage: false, user: 'ann' })
    await expect(off.client.recall('x')).resolves.toBeUndefined()
  })
})

test('a storage that fails is as good as none: told once in the log, and never an error of the app', async () => {
  const fails = () => Promise.reject(new Error('QuotaExceededError'))
  const storage = { get: fails, set: fails, delete: fails, keys: fails, update: fails }
  const { client, session, link, clock, log, wake } = await setSession({ storage, user: 'ann' })
  const errors: unknown[] = []
  client.on('error', (error) => errors.push(error))
  session.send('hi', { id: 'a' }).catch(() => undefined)
  await link.hears('send')
  await link.says(batch('s', 1))
  wake.signal('hidden')
  await clock.advance(5_000)
  expect(shown(session.state)).toEqual(['a (sending)'])
  expect(log.filter(({ type }) => type === 'unsaved')).toMatchObject([{ reason: 'Error: QuotaExceededError' }])
  expect(errors).toEqual([])
  await expect(client.signOut()).resolves.toBeUndefined()
})
