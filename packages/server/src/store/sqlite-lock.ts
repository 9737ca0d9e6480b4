import { closeSync, openSync } from 'node:fs'
import type { SqliteDriver } from './sqlite-driver.ts'
import { storeErrorOf } from './sqlite-error.ts'
import { StoreError } from './store-error.ts'

/** One process's hold on a database file. */
export interface SqliteLock {
  release(): void
}

/**
 * Takes a database file for this process: an exclusive transaction on a database beside it, `<file>.lock`, held until it is released. The
 * operating system ends it with the process, however that ends, so no stale lock can be left.
 *
 * @throws StoreError `locked` where somebody else has it.
 */
export function lockSqlite(driver: SqliteDriver, file: string): SqliteLock {
  const lock = `${file}.lock`
  let database: InstanceType<SqliteDriver> | undefined
  try {
    makeFile(lock)
    database = new driver(lock, { timeout: 0 })
    // Nothing is ever written to it, so that it needs no journal on the disk.
    database.pragma('journal_mode = MEMORY')
    database.exec('BEGIN EXCLUSIVE')
    const held = database
    return { release: () => void held.close() }
  } catch (cause) {
    database?.close()
    const error = storeErrorOf(cause, lock)
    if (error.code !== 'locked') throw error
    throw new StoreError(
      'locked',
      `${file} is in use: another store, most likely another server process, holds ${lock}. Stop that one, or give this one a file of its own.`,
      { cause },
    )
  }
}

/** SQLite does not say why it cannot make a file; the file system does. */
function makeFile(path: string): void {
  try {
    // Only ever a new one: to close a file that is locked would end this process's own lock on it.
    closeSync(openSync(path, 'wx'))
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return
    throw error
  }
}
