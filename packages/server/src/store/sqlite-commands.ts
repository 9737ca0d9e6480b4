import type { JournalHeads } from './journal-heads.ts'
import type { CommandRecord } from './port.ts'
import type { Sqlite } from './sqlite-driver.ts'
import { StoreError } from './store-error.ts'

interface CommandRow {
  readonly digest: string
  readonly result: string | null
  readonly at: number
}

/** The commands that took effect. */
export class SqliteCommands {
  readonly #heads: JournalHeads
  readonly #insert
  readonly #find
  readonly #forget
  readonly #delete

  constructor(database: Sqlite, heads: JournalHeads) {
    this.#heads = heads
    this.#insert = database.prepare<[number, string, string, string, string | null, number]>(
      'INSERT OR IGNORE INTO commands (session, principal, id, digest, result, at) VALUES (?, ?, ?, ?, ?, ?)',
    )
    this.#find = database.prepare<[number, string, string], CommandRow>(
      'SELECT digest, result, at FROM commands WHERE session = ? AND principal = ? AND id = ?',
    )
    this.#forget = database.prepare<[number]>('DELETE FROM commands WHERE at < ?')
    this.#delete = database.prepare<[number]>('DELETE FROM commands WHERE session = ?')
  }

  remember(n: number, { principal, id, digest, result, at }: CommandRecord): void {
    this.#insert.run(n, principal, id, digest, JSON.stringify(result) ?? null, at)
  }

  find(session: string, principal: string, id: string): CommandRecord | undefined {
    const head = this.#heads.get(session)
    const row = head && this.#find.get(head.n, principal, id)
    return row && { principal, id, digest: row.digest, result: resultOf(row, session, id), at: row.at }
  }

  forget(before: number): void {
    this.#forget.run(before)
  }

  /** Deletes the commands of a session that is no more. */
  remove(n: number): void {
    this.#delete.run(n)
  }
}

// Left out, it would be taken for an answer; the command must neither be answered wrongly nor done again.
function resultOf({ result }: CommandRow, session: string, id: string): unknown {
  if (result === null) return undefined
  try {
    return JSON.parse(result)
  } catch (cause) {
    throw new StoreError('corrupt', `the result of command ${id} of session ${session} cannot be read`, { cause })
  }
}
