import { expect, test } from 'vitest'
import { memoryStorage } from '../../src/saved/index.ts'
import { setStage } from '../stage.ts'

// Loaded by the client when it is needed; loaded before, that takes no time of its own.
await import('../../src/saved/keeper.ts')

const hanging = () => new Promise<never>(() => undefined)

test('of a storage that hangs a value is undefined after two seconds, and nobody waits longer for one to be kept', async () => {
  const { client, clock } = setStage({ storage: { ...memoryStorage(), get: hanging, set: hanging }, user: 'ann' })
  const settled: unknown[] = []
  void client.recall('draft').then((value) => settled.push(value))
  void client.remember('draft', 'x').then(() => settled.push('kept'))
  await clock.advance(1_999)
  expect(settled).toEqual([])
  await clock.advance(1)
  expect(settled).toEqual([undefined, 'kept'])
})

test('values wait as long as nobody knows who the user is, but not longer than the client lives', async () => {
  const { client, clock } = setStage({ storage: memoryStorage() })
  const settled: unknown[] = []
  void client.recall('draft').then((value) => settled.push(value))
  void client.remember('draft', 'x').then(() => settled.push('not kept'))
  await clock.advance(60_000)
  expect(settled).toEqual([])
  client.close()
  await clock.settle()
  expect(settled).toEqual([undefined, 'not kept'])
  expect(clock.pending).toBe(0)
})
