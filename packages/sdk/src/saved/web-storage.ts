import type { KeyValueStorage } from './key-value-storage.ts'

/** What of `localStorage` is used. */
export interface WebStorageLike {
  readonly length: number
  key(index: number): string | null
  getItem(key: string): string | null
  setItem(key: string, value: string): void
  removeItem(key: string): void
}

/**
 * Saved state in `localStorage`, or `sessionStorage` to keep it to one tab. A function, since a page that may not use storage is told so by a
 * throw as soon as it says `localStorage`: `webStorage(() => localStorage)`. It has room for about 5 MB; IndexedDB has more.
 */
export function webStorage(storage: () => WebStorageLike): KeyValueStorage {
  return {
    get: async (key) => storage().getItem(key) ?? undefined,
    set: async (key, value) => storage().setItem(key, value),
    delete: async (key) => storage().removeItem(key),
    keys: async (prefix) => {
      const items = storage()
      return Array.from({ length: items.length }, (_, index) => items.key(index) ?? '').filter((key) => key.startsWith(prefix))
    },
    // No `await` in between, which is as near to a transaction as it gets here.
    update: async (key, change) => {
      const items = storage()
      const changed = change(items.getItem(key) ?? undefined)
      if (changed !== undefined) items.setItem(key, changed)
    },
  }
}
