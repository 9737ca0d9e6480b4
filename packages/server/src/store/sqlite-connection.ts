import { createCheckpointer, type Checkpointer, type CheckpointPace } from './checkpointer.ts'
import { GroupCommit, type Job } from './group-commit.ts'
import { JournalHeads } from './journal-heads.ts'
import { RowIndex, type IndexPace } from './row-index.ts'
import type { Sqlite } from './sqlite-driver.ts'
import { storeErrorOf } from './sqlite-error.ts'
import type { SqliteFile } from './sqlite-file.ts'
import { StoreError } from './store-error.ts'

/** How a connection does its work beside the calls. */
export interface SqliteConnectionOptions {
  readonly indexing: IndexPace
  readonly checkpoints: CheckpointPace
  readonly onWarning: (warning: StoreError) => void
}

/** What a write costs in the log besides its own bytes: the pages that it shares with few others. Rows appended to journals share theirs. */
export const BYTES_A_WRITE = 4096

/** From so many pages in the log on SQLite makes a checkpoint by itself, where the checkpoint thread is down. */
const PAGES_WITHOUT_THREAD = 4000

/** The open file at work: reads at once, writes by groups, rows indexed and the log copied behind them. What fails throws StoreErrors. */
export class SqliteConnection {
  readonly database: Sqlite
  readonly index: RowIndex
  readonly heads: JournalHeads
  readonly #file: SqliteFile
  readonly #onWarning: (warning: StoreError) => void
  readonly #group: GroupCommit
  readonly #checkpointer: Checkpointer
  #uncountedBytes = 0
  #closing: Promise<void> | undefined

  constructor(file: SqliteFile, { indexing, checkpoints, onWarning }: SqliteConnectionOptions) {
    const { database } = file
    const begin = database.prepare('BEGIN IMMEDIATE')
    const commit = database.prepare('COMMIT')
    this.database = database
    this.#file = file
    this.#onWarning = onWarning
    this.#group = new GroupCommit({
      begin: () => {
        // A rollback that failed must not keep the store from writing for ever.
        if (database.inTransaction) this.#rollback()
        begin.run()
      },
      commit: () => {
        commit.run()
        this.#checkpointer.wrote(this.#uncountedBytes + BYTES_A_WRITE)
        this.#uncountedBytes = 0
      },
      rollback: () => this.#rollback(),
    })
    this.index = new RowIndex(database, this.#group, indexing, (cause) => this.warn('rows cannot be indexed yet; they are stored', cause))
    this.heads = new JournalHeads(database, this.index)
    this.#checkpointer = createCheckpointer({
      file: file.path,
      pace: checkpoints,
      hold: () => this.#group.hold(),
      onFailed: (cause) => this.warn('a checkpoint failed; nothing is lost, and it is tried again', cause),
      onDown: (cause) => this.#checkpointHere(cause),
    })
  }

  async read<Result>(look: () => Result): Promise<Result> {
    this.#checkOpen()
    try {
      return look()
    } catch (cause) {
      throw storeErrorOf(cause, this.#file.path)
    }
  }

  /** `bytes`: about how much is written. */
  async write<Result>(job: Job<Result>, bytes = BYTES_A_WRITE): Promise<Result> {
    this.#checkOpen()
    this.#uncountedBytes += bytes
    try {
      return await this.#group.run(job)
    } catch (cause) {
      throw storeErrorOf(cause, this.#file.path)
    }
  }

  /** Writes a little, since a store that can only read cannot serve. */
  async ping(): Promise<void> {
    await this.read(() => this.#file.checkInPlace())
    await this.write(() => void this.database.exec(`UPDATE counters SET value = value + 1 WHERE name = 'pings'`))
  }

  /** Tells what went wrong beside the calls. */
  warn(what: string, cause: unknown): void {
    const { code } = storeErrorOf(cause, this.#file.path)
    this.#onWarning(new StoreError(code, `${this.#file.path}: ${what}`, { cause }))
  }

  /** Stores what waits and closes the file; closing again waits for the same. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    await this.#checkpointer.close()
    this.#group.flush()
    try {
      await this.index.close()
    } catch (cause) {
      this.warn('rows were not indexed; they are stored, and indexed when it is opened', cause)
    }
    this.#file.close()
  }

  #rollback(): void {
    this.heads.clear()
    // Where the disk is full SQLite rolls back by itself.
    if (this.database.inTransaction) this.database.exec('ROLLBACK')
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new StoreError('closed', `the store ${this.#file.path} was closed`)
  }

  /** Checkpoints on the event loop are better than a log that grows until the disk is full. */
  #checkpointHere(cause: unknown): void {
    this.database.pragma(`wal_autocheckpoint = ${PAGES_WITHOUT_THREAD}`)
    this.warn('the checkpoint thread is down; from now on checkpoints hold up the event loop', cause)
  }
}
