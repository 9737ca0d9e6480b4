import { expect, test } from 'vitest'
import { EMPTY_TRANSCRIPT } from '../../src/protocol/index.ts'
import type { KeyValueStorage } from '../../src/saved/key-value-storage.ts'
import { openKeeper } from '../../src/saved/keeper.ts'
import { memoryStorage } from '../../src/saved/index.ts'
import { testClock } from '../../src/testing/index.ts'
import { cursor } from '../stage.ts'

const replica = (seq: number) => ({ cursor: cursor(seq), seq, more: false, transcript: EMPTY_TRANSCRIPT })

/** A storage without transactions, whose writes wait until the test lets them. */
function slowStorage() {
  const storage = memoryStorage()
  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const { get, delete: remove, keys } = storage
  const slow: KeyValueStorage = { get, delete: remove, keys, set: (key, value) => held.then(() => storage.set(key, value)) }
  return { slow, storage, release: () => release() }
}

function open(storage: KeyValueStorage = memoryStorage()) {
  const clock = testClock()
  const failures: unknown[] = []
  const keeper = openKeeper({ storage, server: 'x', principal: 'ann', clock, onFailure: (error) => failures.push(error) })
  return { keeper, clock, failures }
}

test('clearing waits for what is being written, which would otherwise be there again afterwards', async () => {
  const { slow, storage, release } = slowStorage()
  const { keeper, clock } = open(slow)
  keeper.changed('s', () => replica(1))
  void keeper.flush()
  await clock.settle()
  const cleared = keeper.clear()
  await clock.settle()
  release()
  await cleared
  expect(await storage.keys('')).toEqual([])
})

test('after clearing nothing is kept, and no timer is left', async () => {
  const storage = memoryStorage()
  const { keeper, clock } = open(storage)
  keeper.changed('s', () => replica(1))
  await keeper.clear()
  keeper.changed('s', () => replica(2))
  await keeper.remember('draft', 'x')
  await clock.advance(10_000)
  expect(await storage.keys('')).toEqual([])
  expect(clock.pending).toBe(0)
})

test('several sessions that changed are saved together, each as it is then', async () => {
  const { keeper, clock } = open()
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
  const { keeper, clock } = open()
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
  const { keeper, failures } = open({ ...storage, get: (key) => (isBroken ? Promise.reject(new Error('broken')) : storage.get(key)) })
  expect(await keeper.recall('x')).toBeUndefined()
  expect(await keeper.loadReplica('s')).toBeUndefined()
  expect(failures).toHaveLength(1)
  isBroken = false
  await keeper.remember('x', 1)
  expect(await keeper.recall('x')).toBe(1)
})

test('a session is not saved again while a slow storage is still at it, and then as it is by then', async () => {
  const { slow, storage, release } = slowStorage()
  const writes: string[] = []
  const { keeper, clock } = open({
    ...slow,
    set: (key, value) => {
      writes.push(value)
      return slow.set(key, value)
    },
  })
  for (let seq = 1; seq <= 5; seq++) {
    keeper.changed('s', () => replica(seq))
    await clock.advance(2_000)
  }
  expect(writes).toHaveLength(1)
  release()
  await clock.advance(2_000)
  expect(writes).toHaveLength(2)
  expect(await storage.get((await storage.keys(''))[0] ?? '')).toContain(cursor(5))
})
