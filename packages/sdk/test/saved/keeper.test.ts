import { expect, test } from 'vitest'
import { EMPTY_TRANSCRIPT } from '../../src/protocol/index.ts'
import type { KeyValueStorage } from '../../src/saved/key-value-storage.ts'
import { openKeeper } from '../../src/saved/keeper.ts'
import { memoryStorage } from '../../src/saved/index.ts'
import { testClock } from '../../src/testing/index.ts'
import { heldWrites } from '../held-storage.ts'
import { cursor } from '../stage.ts'

const replica = (seq: number) => ({ cursor: cursor(seq), seq, more: false, transcript: EMPTY_TRANSCRIPT })

async function open(storage: KeyValueStorage = memoryStorage()) {
  const clock = testClock()
  const failures: unknown[] = []
  const call = () => Promise.reject(new TypeError('there is no HTTP here'))
  const keeper = await openKeeper({ storage, server: 'x', principal: 'ann', clock, call, onFailure: (error) => failures.push(error) })
  return { keeper, clock, failures }
}

test('clearing waits for what is being written, which would otherwise be there again afterwards', async () => {
  const storage = memoryStorage()
  const held = heldWrites(storage)
  const { keeper, clock } = await open(held.storage)
  keeper.changed('s', () => replica(1))
  void keeper.flush()
  await clock.settle()
  const cleared = keeper.clear()
  await clock.settle()
  held.release()
  await cleared
  expect(await storage.keys('')).toEqual([])
})

test('after clearing nothing is kept, and no timer is left', async () => {
  const storage = memoryStorage()
  const { keeper, clock } = await open(storage)
  keeper.changed('s', () => replica(1))
  await keeper.clear()
  keeper.changed('s', () => replica(2))
  await keeper.remember('draft', 'x')
  await clock.advance(10_000)
  expect(await storage.keys('')).toEqual([])
  expect(clock.pending).toBe(0)
})

test('several sessions that changed are saved together, each as it is then', async () => {
  const { keeper, clock } = await open()
  let seq = 1
  keeper.changed('s', () => replica(seq))
  keeper.changed('t', () => replica(9))
  seq = 2
  expect(clock.pending).toBe(1)
  await clock.advance(2_000)
  expect((await keeper.loadReplica('s'))?.seq).toBe(2)
  expect((await keeper.loadReplica('t'))?.seq).toBe(9)
})

test('flushing one session leaves the others to their time', async () => {
  const { keeper, clock } = await open()
  keeper.changed('s', () => replica(1))
  keeper.changed('t', () => replica(1))
  await keeper.flush('s')
  expect(await keeper.loadReplica('s')).toBeDefined()
  expect(await keeper.loadReplica('t')).toBeUndefined()
  await clock.advance(2_000)
  expect(await keeper.loadReplica('t')).toBeDefined()
})

test('a storage that fails now and then loses only that, and is told of once', async () => {
  const storage = memoryStorage()
  let isBroken = true
  const { keeper, failures } = await open({ ...storage, get: (key) => (isBroken ? Promise.reject(new Error('broken')) : storage.get(key)) })
  expect(await keeper.recall('x')).toBeUndefined()
  expect(await keeper.loadReplica('s')).toBeUndefined()
  expect(failures).toHaveLength(1)
  isBroken = false
  await keeper.remember('x', 1)
  expect(await keeper.recall('x')).toBe(1)
})

test('a session is not saved again while a slow storage is still at it, and then as it is by then', async () => {
  const storage = memoryStorage()
  const held = heldWrites(storage)
  const writes: string[] = []
  const { keeper, clock } = await open({
    ...held.storage,
    set: (key, value) => {
      writes.push(value)
      return held.storage.set(key, value)
    },
  })
  for (let seq = 1; seq <= 5; seq++) {
    keeper.changed('s', () => replica(seq))
    await clock.advance(2_000)
  }
  expect(writes).toHaveLength(1)
  held.release()
  await clock.advance(2_000)
  expect(writes).toHaveLength(2)
  expect(await storage.get((await storage.keys(''))[0] ?? '')).toContain(cursor(5))
})

const send = (id: string) =>
  ({ frame: { type: 'send', id, session: 's', message: { id, role: 'user', content: id } }, at: 1, order: 1 }) as const

test('what is asked of one command is done in the order in which it was asked, however slow the storage is', async () => {
  const storage = memoryStorage()
  const held = heldWrites(storage)
  const { keeper, clock } = await open(held.storage)
  void keeper.commands.put(send('a'))
  void keeper.commands.drop('a')
  void keeper.commands.put(send('b'))
  void keeper.commands.drop('b')
  void keeper.commands.put(send('b'))
  await clock.settle()
  held.release()
  await clock.settle()
  expect((await keeper.commands.load()).map(({ frame }) => frame.id)).toEqual(['b'])
})

test('what an earlier page has only begun to remove is not read, also where it cannot be removed yet', async () => {
  const storage = memoryStorage()
  const before = await open(storage)
  await before.keeper.remember('draft', 'secret')
  await before.keeper.commands.put(send('a'))
  let isSlow = true
  const slow = { ...storage, delete: (key: string) => (isSlow ? Promise.reject(new Error('busy')) : storage.delete(key)) }
  await (await open(slow)).keeper.clear()
  expect(await storage.keys('')).toHaveLength(3)
  const { keeper } = await open(slow)
  expect(await keeper.recall('draft')).toBeUndefined()
  expect(await keeper.commands.load()).toEqual([])
  isSlow = false
  expect(await keeper.recall('draft')).toBeUndefined()
  expect(await storage.keys('')).toEqual([])
})

test('clearing says what it is about to do before it waits for anything', async () => {
  const storage = memoryStorage()
  const { keeper, clock } = await open({ ...storage, keys: () => new Promise(() => undefined), get: () => new Promise(() => undefined) })
  void keeper.recall('draft')
  await clock.settle()
  void keeper.clear()
  await clock.settle()
  expect(await storage.keys('')).toEqual(['throughline/x/ann/cleared'])
})
