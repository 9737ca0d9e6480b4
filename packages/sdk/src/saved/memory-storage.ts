import type { KeyValueStorage } from './key-value-storage.ts'

/** Saved state that ends with the process: for tests, and for clients that follow one another in one process. */
export function memoryStorage(): KeyValueStorage {
  const values = new Map<string, string>()
  return {
    get: async (key) => values.get(key),
    set: async (key, value) => {
      values.set(key, value)
    },
    delete: async (key) => {
      values.delete(key)
    },
    keys: async (prefix) => [...values.keys()].filter((key) => key.startsWith(prefix)),
    update: async (key, change) => {
      const changed = change(values.get(key))
      if (changed !== undefined) values.set(key, changed)
    },
  }
}
