import type { KeyValueStorage } from '@throughline/sdk/storage'

/** What is wrong with a browser's storage: nothing, or it takes its time, or it fails now and then, before it did what it should or after. */
export type StorageHealth = 'good' | 'slow' | 'failing'

/** What a storage is made faulty with. */
export interface StorageFaults {
  readonly health: StorageHealth
  readonly random: () => number
  /** Waits as long as the page lives. */
  readonly sleep: (ms: number) => Promise<void>
  /** Whether all is well for now. */
  readonly isCalm: () => boolean
  readonly count: (name: string) => void
}

// The client waits 300 ms for a storage.
const LONGEST_MS = 1_500

/** A storage with its faults, as a page has it. */
export function faultyStorage(storage: KeyValueStorage, { health, random, sleep, isCalm, count }: StorageFaults): KeyValueStorage {
  if (health === 'good') return storage

  function fail(what: string): void {
    if (isCalm() || random() > 0.15) return
    count('storage failed')
    throw new Error(`the storage failed to ${what}`)
  }

  async function act<Result>(what: string, doing: () => Promise<Result>): Promise<Result> {
    if (health === 'slow' && !isCalm() && random() < 0.5) {
      count('storage slow')
      await sleep(random() * LONGEST_MS)
    }
    if (health === 'failing') fail(what)
    const result = await doing()
    if (health === 'failing') fail(what)
    return result
  }

  const { update } = storage
  return {
    get: (key) => act('get', () => storage.get(key)),
    set: (key, value) => act('set', () => storage.set(key, value)),
    delete: (key) => act('delete', () => storage.delete(key)),
    keys: (prefix) => act('list', () => storage.keys(prefix)),
    ...(update && { update: (key, change) => act('update', () => update(key, change)) }),
  }
}
