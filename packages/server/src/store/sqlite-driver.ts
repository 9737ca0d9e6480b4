import type BetterSqlite3 from 'better-sqlite3'
import { StoreError } from './store-error.ts'

/** One open SQLite database. */
export type Sqlite = BetterSqlite3.Database

/** The class that opens them. */
export type SqliteDriver = typeof BetterSqlite3

/**
 * Loads better-sqlite3, which is optional: it has a native part that some machines can neither download nor compile.
 *
 * @throws StoreError `unavailable`, with the line that helps.
 */
export async function loadSqlite(
  load: () => Promise<{ readonly default: SqliteDriver }> = () => import('better-sqlite3'),
): Promise<SqliteDriver> {
  try {
    const { default: Driver } = await load()
    // The native part is loaded with the first database, not with the module.
    new Driver(':memory:').close()
    return Driver
  } catch (cause) {
    throw new StoreError(
      'unavailable',
      'better-sqlite3 cannot be loaded: its native part was neither downloaded nor compiled for this Node. On Debian or Ubuntu ' +
        '`apt-get install -y python3 make g++` helps, then install the packages anew (`npm rebuild better-sqlite3`). ' +
        '`--store memory:` works without it, but keeps nothing over a restart.',
      { cause },
    )
  }
}
