import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/store/port.ts'
import { openSqliteStore, type SqliteStoreOptions } from '../../src/store/sqlite-store.ts'
import { storeSuite, type StoreUnderTest } from '../../src/store/suite.ts'
import { scratchDirectory } from './scratch.ts'

async function openForSuite(options: Partial<SqliteStoreOptions>): Promise<StoreUnderTest> {
  const directory = await scratchDirectory()
  let now = 1_000_000
  const open = () => openSqliteStore({ file: join(directory.path, 'store.db'), now: () => now, ...options })
  let store: Store = await open()
  return {
    store,
    reopen: async () => {
      await store.close()
      store = await open()
      return store
    },
    passTime: (ms) => {
      now += ms
    },
    dispose: directory.remove,
  }
}

describe('the SQLite store', () => {
  describe('with commits in the log', () => {
    storeSuite({ describe, test }, () => openForSuite({}), { durable: true })
  })

  describe('with commits on the disk', () => {
    storeSuite({ describe, test }, () => openForSuite({ synchronous: 'full' }), { durable: true })
  })

  describe('with rows indexed at once', () => {
    storeSuite({ describe, test }, () => openForSuite({ indexing: { rows: 1, idleMs: 0 } }), { durable: true })
  })

  test('says that it keeps what is stored on a disk', async () => {
    const { store, dispose } = await openForSuite({})
    expect(store.durability).toBe('disk')
    await store.close()
    await dispose?.()
  })
})
