import type { Database, IndexedDb, ObjectStore, Transaction } from './indexed-db.ts'
import type { KeyValueStorage } from './key-value-storage.ts'

const STORE = 'saved'

/**
 * Saved state in a browser's IndexedDB; the default there. The database is opened at the first use, and opened again where the browser has
 * closed it, or somebody deleted it or raised its version, for whom we make way at once.
 *
 * @param name the database's
 * @param indexedDB where it lies. @default the platform's
 */
export function indexedDbStorage(name = 'throughline', indexedDB?: IndexedDb): KeyValueStorage {
  let opening: Promise<Database> | undefined

  function open(): Promise<Database> {
    return (opening ??= new Promise<Database>((resolve, reject) => {
      const factory = indexedDB ?? (globalThis as { readonly indexedDB?: IndexedDb }).indexedDB
      if (!factory) throw new TypeError('no IndexedDB here')
      const request = factory.open(name, 1)
      request.addEventListener('upgradeneeded', () => request.result.createObjectStore(STORE))
      request.addEventListener('blocked', () => reject(new Error('blocked by another tab')))
      request.addEventListener('error', () => reject(request.error))
      request.addEventListener('success', () => {
        const database = request.result
        database.addEventListener('close', forget)
        database.addEventListener('versionchange', () => {
          forget()
          database.close()
        })
        resolve(database)
      })
    }).catch((error: unknown) => {
      forget()
      throw error
    }))
  }

  function forget(): void {
    opening = undefined
  }

  /** One transaction: what `act` asks of the store inside it happens whole, or not at all. */
  async function transact<Result>(
    mode: 'readonly' | 'readwrite',
    act: (store: ObjectStore, give: (result: Result | undefined) => void) => void,
  ): Promise<Result | undefined> {
    const transaction = await begin(mode)
    return new Promise((resolve, reject) => {
      let result: Result | undefined
      transaction.addEventListener('complete', () => resolve(result))
      transaction.addEventListener('abort', () => reject(transaction.error))
      act(transaction.objectStore(STORE), (given) => {
        result = given
      })
    })
  }

  async function begin(mode: 'readonly' | 'readwrite'): Promise<Transaction> {
    const database = await open()
    try {
      return database.transaction(STORE, mode)
    } catch {
      // It was closed under us, and its `close` event may be late.
      forget()
      return (await open()).transaction(STORE, mode)
    }
  }

  return {
    get: (key) =>
      transact('readonly', (store, give) => {
        const request = store.get(key)
        request.addEventListener('success', () => give(textOf(request.result)))
      }),
    set: (key, value) => transact('readwrite', (store) => store.put(value, key)),
    delete: (key) => transact('readwrite', (store) => store.delete(key)),
    keys: async (prefix) => {
      const keys = await transact<readonly unknown[]>('readonly', (store, give) => {
        const request = store.getAllKeys()
        request.addEventListener('success', () => give(request.result))
      })
      return (keys ?? []).map(String).filter((key) => key.startsWith(prefix))
    },
    update: (key, change) =>
      transact('readwrite', (store) => {
        const request = store.get(key)
        request.addEventListener('success', () => {
          const changed = change(textOf(request.result))
          if (changed !== undefined) store.put(changed, key)
        })
      }),
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}
