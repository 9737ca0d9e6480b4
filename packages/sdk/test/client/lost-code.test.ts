import { beforeEach, expect, test, vi } from 'vitest'
import { memoryStorage } from '../../src/saved/index.ts'
import type { openKeeper as OpenKeeper } from '../../src/saved/keeper.ts'
import { batch, resumed, setSession, setStage } from '../stage.ts'

/** Whether the code of saved state can be loaded: it comes over the network, and only when it is needed. */
const code = vi.hoisted(() => ({ comes: true as boolean | 'never' }))

vi.mock('../../src/saved/keeper.ts', async (load) => {
  const { openKeeper } = await load<{ readonly openKeeper: typeof OpenKeeper }>()
  return {
    openKeeper: async (options: Parameters<typeof OpenKeeper>[0]) => {
      if (code.comes === 'never') return new Promise(() => undefined)
      if (!code.comes) throw new TypeError('Failed to fetch dynamically imported module')
      return openKeeper(options)
    },
  }
})

await import('../../src/saved/keeper.ts')
beforeEach(() => {
  code.comes = true
})

/** A storage on which an earlier page kept what ann saw. */
async function seen() {
  const storage = memoryStorage()
  const { link, clock, client } = await setSession({ storage, user: 'ann' })
  await link.says(batch('s', 1))
  await clock.advance(2_000)
  client.close()
  const kept = async () => (await storage.keys('')).map((key) => key.split('/').slice(2).join('/'))
  expect(await kept()).toEqual(['ann/replica/s'])
  return { storage, kept }
}

test('code that cannot be loaded is tried again at the next welcome, and what changed meanwhile is saved then', async () => {
  const storage = memoryStorage()
  code.comes = false
  const { link, clock, welcomed } = await setSession({ storage, user: 'ann' })
  await link.says(batch('s', 1))
  await clock.advance(2_000)
  code.comes = true
  link.wire.cut()
  const next = await welcomed()
  await next.says(resumed((await next.hears('attach')).id, 's', 1))
  await clock.advance(2_000)
  expect(await storage.keys('')).toHaveLength(1)
})

test('signing out loads the code that could not be loaded before, and removes what is kept', async () => {
  const { storage, kept } = await seen()
  code.comes = false
  const { client, clock } = setStage({ storage, user: 'ann' })
  await clock.settle()
  code.comes = true
  await client.signOut()
  expect(await kept()).toEqual([])
})

test('signing out without that code rejects, and closes all the same', async () => {
  const { storage, kept } = await seen()
  code.comes = false
  const { client, clock } = setStage({ storage, user: 'ann' })
  await clock.settle()
  await expect(client.signOut()).rejects.toMatchObject({ code: 'unreachable', cause: expect.any(TypeError) as unknown })
  expect(client.state).toMatchObject({ status: 'closed' })
  expect(clock.pending).toBe(0)
  expect(await kept()).toEqual(['ann/replica/s'])
})

test('signing out rejects after two seconds without an answer to the request for that code', async () => {
  code.comes = 'never'
  const { client, clock } = setStage({ storage: memoryStorage(), user: 'ann' })
  const out = expect(client.signOut()).rejects.toMatchObject({ code: 'unreachable' })
  await clock.advance(2_000)
  await out
  expect(clock.pending).toBe(0)
})

test('what is kept of the one before is removed also where the code for it could not be loaded then', async () => {
  const { storage, kept } = await seen()
  code.comes = false
  const { client, clock, welcomed } = setStage({ storage, user: 'ann' })
  client.watch()
  await clock.settle()
  code.comes = true
  await welcomed({ principal: 'ben' })
  await clock.settle()
  expect(await kept()).toEqual([])
})
