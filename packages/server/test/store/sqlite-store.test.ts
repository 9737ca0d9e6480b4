import Database from 'better-sqlite3'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Store } from '../../src/store/port.ts'
import { openSqliteStore, type SqliteStoreOptions } from '../../src/store/sqlite-store.ts'
import { storeSuite, type StoreUnderTest } from '../../src/store/suite.ts'
import { journalWriter } from './journal-writer.ts'
import { scratchDirectory, scratchFile } from './scratch.ts'

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

  test('leaves no row of a session that was removed, and never gives its number again', async () => {
    const file = await scratchFile()
    const store = await openSqliteStore({ file })
    const writer = await journalWriter(store, 'gone')
    const command = { principal: 'ann', id: 'c1', digest: 'd', result: {}, at: 5 }
    await writer.append(Buffer.from('one'), { command })
    await store.setLayout('gone', 'ann', { open: true, position: 1 })
    await store.saveSnapshot('gone', { seq: 1, mark: 'mark000001', json: '{}', messages: 1, rows: [{ ordinal: 0, id: 'm0', json: '{}' }] })
    await store.remove('gone')
    await store.create({ id: 'next', owner: 'ann', birth: 'birth00000', createdAt: 1 })
    await store.close()
    const database = new Database(file, { readonly: true })
    const left = ['journal', 'journal_index', 'layouts', 'commands', 'snapshots', 'messages'].filter(
      (table) => database.prepare(`SELECT 1 FROM ${table}`).get() !== undefined,
    )
    expect(left).toEqual([])
    expect(database.prepare('SELECT n, id FROM sessions').all()).toEqual([{ n: 2, id: 'next' }])
    database.close()
  })

  test('closed twice tells of nothing', async () => {
    const warnings: unknown[] = []
    const store = await openSqliteStore({ file: await scratchFile(), onWarning: (warning) => warnings.push(warning) })
    await Promise.all([store.close(), store.close()])
    await store.close()
    expect(warnings).toEqual([])
  })

  test('says that it keeps what is stored on a disk', async () => {
    const { store, dispose } = await openForSuite({})
    expect(store.durability).toBe('disk')
    await store.close()
    await dispose?.()
  })
})
