/**
 * Where saved state lies: texts by key. Any of it may reject; the client then goes on without saved state. Ready-made are
 * `indexedDbStorage`, `webStorage`, `asyncStorage` and `memoryStorage`.
 */
export interface KeyValueStorage {
  get(key: string): Promise<string | undefined>
  set(key: string, value: string): Promise<void>
  delete(key: string): Promise<void>
  /** The keys that begin with this. */
  keys(prefix: string): Promise<readonly string[]>
  /**
   * Reads and writes with nothing in between, where the storage has transactions: `change` gives the new text, or undefined to leave what
   * is there. Without it the client reads right before it writes.
   */
  update?(key: string, change: (value: string | undefined) => string | undefined): Promise<void>
}
