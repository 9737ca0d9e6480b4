import { describe, expect, test } from 'vitest'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import type { StoreError } from '../../src/store/store-error.ts'
import { storeSuite } from '../../src/store/suite.ts'

describe('the memory store', () => {
  storeSuite(
    { describe, test },
    async () => {
      let now = 1_000_000
      const passTime = (ms: number) => {
        now += ms
      }
      return { store: createMemoryStore({ now: () => now }), passTime }
    },
    { durable: false },
  )

  test('says that it keeps nothing', () => {
    expect(createMemoryStore().durability).toBe('memory')
  })

  test('tells of a watcher that throws', async () => {
    const warnings: StoreError[] = []
    const store = createMemoryStore({ onWarning: (warning) => warnings.push(warning) })
    await store.create({ id: 's', owner: 'ann', birth: 'birth00000', createdAt: 1 })
    const thrown = new Error('a watcher that throws')
    store.watchInbox(() => {
      throw thrown
    })
    await store.post('s', { id: 'e1', principal: 'ann', json: '{}' })
    expect(warnings).toMatchObject([{ name: 'StoreError', code: 'failed', cause: thrown }])
  })
})
