import { realpathSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { makeDirectory } from './make-directory.ts'
import type { Sqlite, SqliteDriver } from './sqlite-driver.ts'
import { storeErrorOf } from './sqlite-error.ts'
import { lockSqlite } from './sqlite-lock.ts'
import { checkSchema, migrate } from './sqlite-schema.ts'
import { StoreError } from './store-error.ts'

/** How a SQLite file is opened. */
export interface SqliteFileOptions {
  readonly file: string
  readonly synchronous: 'normal' | 'full'
  /** How large the file may become. */
  readonly maxBytes?: number | undefined
}

/** A database file that this process has for itself. */
export interface SqliteFile {
  readonly database: Sqlite
  /** The file's real path. */
  readonly path: string
  /** How often the file was opened, this time included. */
  readonly openings: number
  /** Throws where the path no longer leads to the open file: what is written then would be lost. */
  checkInPlace(): void
  /** Copies the write-ahead log into the file as far as it can, and gives the file back. */
  close(): void
}

/** Waiting blocks the event loop, and nobody but a stranger with a shell can be in the way. */
const BUSY_TIMEOUT_MS = 1000

/**
 * Opens a database file, made with its directory where it is missing, and brings it to the newest schema. Where that fails the file is as it was.
 *
 * @throws StoreError `locked`, `full`, `read_only`, `corrupt`, `too_new`, `unavailable` or `failed`, naming the file and what helps.
 */
export function openSqliteFile(driver: SqliteDriver, options: SqliteFileOptions): SqliteFile {
  const path = realPathOf(options.file)
  const lock = lockSqlite(driver, path)
  let database: Sqlite | undefined
  try {
    database = new driver(path, { timeout: BUSY_TIMEOUT_MS })
    checkSchema(database, path)
    configure(database, options)
    migrate(database)
    const openings =
      database.prepare<[], number>(`UPDATE counters SET value = value + 1 WHERE name = 'openings' RETURNING value`).pluck().get() ?? 0
    return fileOf(database, path, openings, () => lock.release())
  } catch (cause) {
    try {
      database?.close()
    } finally {
      lock.release()
    }
    throw storeErrorOf(cause, path)
  }
}

function fileOf(database: Sqlite, path: string, openings: number, release: () => void): SqliteFile {
  const opened = statSync(path).ino
  return {
    database,
    path,
    openings,
    checkInPlace: () => {
      if (statSync(path, { throwIfNoEntry: false })?.ino === opened) return
      throw new StoreError('unavailable', `${path} was moved, replaced or deleted while it was open. Put it back, or restart the server.`)
    },
    close: () => {
      try {
        database.close()
      } finally {
        release()
      }
    },
  }
}

function configure(database: Sqlite, { file, synchronous, maxBytes }: SqliteFileOptions): void {
  const mode = database.pragma('journal_mode = WAL', { simple: true })
  if (mode !== 'wal') {
    throw new StoreError(
      'failed',
      `${file}: this file system does not carry a write-ahead log (SQLite stays in mode ${String(mode)}). Use a local disk.`,
    )
  }
  database.pragma(`synchronous = ${synchronous}`)
  // Checkpoints are another thread's; here they would block the event loop.
  database.pragma('wal_autocheckpoint = 0')
  database.pragma('cache_size = -65536')
  if (maxBytes !== undefined) {
    const pageBytes = database.pragma('page_size', { simple: true }) as number
    database.pragma(`max_page_count = ${Math.max(1, Math.floor(maxBytes / pageBytes))}`)
  }
}

/** Two paths to one file must meet at one lock. */
function realPathOf(file: string): string {
  const path = resolve(file)
  try {
    makeDirectory(dirname(path))
    const known = statSync(path, { throwIfNoEntry: false })
    if (known?.isDirectory() === true) throw new StoreError('failed', `${path} is a directory. Name a file.`)
    return known === undefined ? join(realpathSync(dirname(path)), basename(path)) : realpathSync(path)
  } catch (cause) {
    throw storeErrorOf(cause, path)
  }
}
