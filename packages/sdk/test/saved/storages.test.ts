import { IDBFactory } from 'fake-indexeddb'
import { describe, expect, test } from 'vitest'
import { asyncStorage } from '../../src/saved/async-storage.ts'
import { indexedDbStorage } from '../../src/saved/indexed-db-storage.ts'
import { memoryStorage } from '../../src/saved/memory-storage.ts'
import { webStorage, type WebStorageLike } from '../../src/saved/web-storage.ts'

/** A localStorage in memory. */
function localItems(): WebStorageLike & { readonly items: Map<string, string> } {
  const items = new Map<string, string>()
  return {
    items,
    get length() {
      return items.size
    },
    key: (index) => [...items.keys()][index] ?? null,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
    removeItem: (key) => void items.delete(key),
  }
}

function asyncItems() {
  const { items, ...sync } = localItems()
  return {
    getItem: async (key: string) => sync.getItem(key),
    setItem: async (key: string, value: string) => sync.setItem(key, value),
    removeItem: async (key: string) => sync.removeItem(key),
    getAllKeys: async () => [...items.keys()],
  }
}

const storages = {
  memory: () => memoryStorage(),
  IndexedDB: () => indexedDbStorage('db', new IDBFactory() as never),
  localStorage: () => {
    const items = localItems()
    return webStorage(() => items)
  },
  AsyncStorage: () => asyncStorage(asyncItems()),
}

describe.each(Object.entries(storages))('a storage in %s', (_, open) => {
  test('gives back what was set, and nothing for what was not', async () => {
    const storage = open()
    await storage.set('a', 'one')
    await storage.set('a', 'two')
    expect(await storage.get('a')).toBe('two')
    expect(await storage.get('b')).toBeUndefined()
  })

  test('forgets what was deleted', async () => {
    const storage = open()
    await storage.set('a', 'one')
    await storage.delete('a')
    expect(await storage.get('a')).toBeUndefined()
    await expect(storage.delete('never')).resolves.toBeUndefined()
  })

  test('lists the keys that begin with a prefix', async () => {
    const storage = open()
    for (const key of ['x/1', 'y/1', 'x/2']) await storage.set(key, '')
    expect((await storage.keys('x/')).toSorted()).toEqual(['x/1', 'x/2'])
  })

  test('an update, where it has them, sees what is there, and may leave it', async () => {
    const storage = open()
    if (!storage.update) return
    await storage.update('a', (before) => `${before} one`)
    await storage.update('a', (before) => `${before} two`)
    await storage.update('a', () => undefined)
    expect(await storage.get('a')).toBe('undefined one two')
  })

  test('updates at the same time lose nothing of each other', async () => {
    const storage = open()
    if (!storage.update) return
    const { update } = storage
    await Promise.all(Array.from({ length: 20 }, (_item, index) => update('a', (before) => `${before ?? ''}${index},`)))
    expect((await storage.get('a'))?.split(',')).toHaveLength(21)
  })
})

describe('IndexedDB', () => {
  test('two storages of one database see each other', async () => {
    const factory = new IDBFactory() as never
    await indexedDbStorage('db', factory).set('a', 'one')
    expect(await indexedDbStorage('db', factory).get('a')).toBe('one')
  })

  test('a database that is deleted under us makes way, and is opened again, empty', async () => {
    const factory = new IDBFactory()
    const storage = indexedDbStorage('db', factory as never)
    await storage.set('a', 'one')
    await new Promise((resolve, reject) => {
      const request = factory.deleteDatabase('db')
      request.onsuccess = resolve
      request.onblocked = reject
    })
    expect(await storage.get('a')).toBeUndefined()
    await storage.set('a', 'two')
    expect(await storage.get('a')).toBe('two')
  })

  test('a database whose version another tab has raised rejects, and blocks nobody', async () => {
    const factory = new IDBFactory()
    const storage = indexedDbStorage('db', factory as never)
    await storage.set('a', 'one')
    await new Promise((resolve, reject) => {
      const request = factory.open('db', 2)
      request.onsuccess = resolve
      request.onblocked = reject
    })
    await expect(storage.get('a')).rejects.toMatchObject({ name: 'VersionError' })
  })

  test('one that cannot be opened rejects, and is tried again at the next use', async () => {
    const factory = new IDBFactory()
    let isPrivate = true
    const storage = indexedDbStorage('db', {
      open: (name: string, version?: number) => {
        if (isPrivate) throw new Error('A mutation operation was attempted on a database that did not allow mutations.')
        return factory.open(name, version)
      },
    })
    await expect(storage.set('a', 'one')).rejects.toThrow('mutation')
    isPrivate = false
    await storage.set('a', 'one')
    expect(await storage.get('a')).toBe('one')
  })

  test('a connection that was closed under us is opened again', async () => {
    const factory = new IDBFactory()
    let database: { close(): void } | undefined
    const storage = indexedDbStorage('db', {
      open: (name: string, version?: number) => {
        const request = factory.open(name, version)
        request.addEventListener('success', () => (database = request.result))
        return request
      },
    })
    await storage.set('a', 'one')
    database?.close()
    expect(await storage.get('a')).toBe('one')
  })

  test('where there is none, everything rejects', async () => {
    await expect(indexedDbStorage().get('a')).rejects.toThrow('no IndexedDB')
  })
})

test('a localStorage that may not even be named rejects', async () => {
  const storage = webStorage(() => {
    throw new Error('SecurityError')
  })
  await expect(storage.get('a')).rejects.toThrow('SecurityError')
  await expect(storage.keys('')).rejects.toThrow('SecurityError')
})
