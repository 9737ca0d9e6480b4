/** What of IndexedDB is used, so that the SDK needs no types of the DOM. */
export interface IndexedDb {
  open(name: string, version?: number): Request<Database>
}

interface Target {
  addEventListener(type: string, listener: () => void): void
}

interface Request<Result> extends Target {
  readonly result: Result
  readonly error: unknown
}

/** An open database. */
export interface Database extends Target {
  close(): void
  createObjectStore(name: string): unknown
  transaction(store: string, mode: 'readonly' | 'readwrite'): Transaction
}

/** A transaction; it begins to end as soon as nothing more is asked of it. */
export interface Transaction extends Target {
  readonly error: unknown
  objectStore(name: string): ObjectStore
}

/** The one object store of the database. */
export interface ObjectStore {
  get(key: string): Request<unknown>
  put(value: string, key: string): unknown
  delete(key: string): unknown
  getAllKeys(): Request<readonly unknown[]>
}
