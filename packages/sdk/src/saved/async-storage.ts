import type { KeyValueStorage } from './key-value-storage.ts'

/** What of React Native's AsyncStorage is used. */
export interface AsyncStorageLike {
  getItem(key: string): Promise<string | null>
  setItem(key: string, value: string): Promise<unknown>
  removeItem(key: string): Promise<unknown>
  getAllKeys(): Promise<readonly string[]>
}

/** Saved state in React Native's AsyncStorage, or in any other store of that form. */
export function asyncStorage(storage: AsyncStorageLike): KeyValueStorage {
  return {
    get: async (key) => (await storage.getItem(key)) ?? undefined,
    set: async (key, value) => void (await storage.setItem(key, value)),
    delete: async (key) => void (await storage.removeItem(key)),
    keys: async (prefix) => (await storage.getAllKeys()).filter((key) => key.startsWith(prefix)),
  }
}
