import type { Durability, Mark } from '@throughline/sdk/protocol'
import type { CheckpointPace } from './checkpointer.ts'
import type { Transaction } from './group-commit.ts'
import { Inbox } from './inbox.ts'
import type { JournalHeads } from './journal-heads.ts'
import { judgeAppend } from './judge-append.ts'
import { Leases } from './leases.ts'
import { Listeners } from './listeners.ts'
import type {
  Append,
  AppendVerdict,
  Batch,
  CommandRecord,
  Effects,
  Found,
  InboxEntry,
  JournalBounds,
  Layout,
  Lease,
  ListedSession,
  ListQuery,
  MessageRow,
  NewSession,
  RecordChange,
  SessionRecord,
  SnapshotRecord,
  SnapshotWrite,
  Store,
} from './port.ts'
import type { IndexPace } from './row-index.ts'
import { SqliteCatalogue } from './sqlite-catalogue.ts'
import { SqliteCommands } from './sqlite-commands.ts'
import { BYTES_A_WRITE, SqliteConnection } from './sqlite-connection.ts'
import { loadSqlite } from './sqlite-driver.ts'
import { storeErrorOf } from './sqlite-error.ts'
import { openSqliteFile } from './sqlite-file.ts'
import { SqliteJournal } from './sqlite-journal.ts'
import { SqliteSnapshots } from './sqlite-snapshots.ts'
import type { StoreError } from './store-error.ts'

/** How a SQLite store is opened. */
export interface SqliteStoreOptions {
  /** The database file. It is made, with its directory, where it is missing; `-wal`, `-shm` and `.lock` files stand beside it. */
  readonly file: string
  /**
   * `normal` survives the death of the process; a power cut may take the last moments, which marks then find out. `full` survives both,
   * and waits for the disk at each commit. @default 'normal'
   */
  readonly synchronous?: 'normal' | 'full' | undefined
  /** How large the database may become, in bytes: beyond it writes reject with `full`. @default no limit but the disk's */
  readonly maxBytes?: number | undefined
  /** The clock that leases run by, in milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined
  /** Told what went wrong beside the calls: a damaged row that was left out, checkpoints that fail. @default nobody is told */
  readonly onWarning?: ((warning: StoreError) => void) | undefined
  /** When rows are indexed. @default 32,768 rows, or 1 s without an append */
  readonly indexing?: IndexPace | undefined
  /** When the write-ahead log is copied into the database. @default each 4 MiB, emptied from 64 MiB on */
  readonly checkpoints?: CheckpointPace | undefined
}

/**
 * Opens a store in a SQLite file, which one process has for itself.
 *
 * @throws StoreError `locked` where another process has it; `full`, `read_only`, `corrupt`, `too_new`, `unavailable` or `failed` where it
 * cannot be opened. The message says what helps.
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { file, synchronous = 'normal', maxBytes } = options
  const driver = await loadSqlite()
  const opened = openSqliteFile(driver, { file, synchronous, maxBytes })
  try {
    const { indexing = INDEXING, checkpoints = CHECKPOINTS, onWarning = () => {}, now = Date.now } = options
    const connection = new SqliteConnection(opened, { indexing, checkpoints, onWarning })
    return new SqliteStore(connection, new Leases(now, opened.openings * FENCES_AN_OPENING))
  } catch (cause) {
    opened.close()
    throw storeErrorOf(cause, opened.path)
  }
}

const INDEXING: IndexPace = { rows: 32_768, idleMs: 1000 }
const CHECKPOINTS: CheckpointPace = { bytes: 4 * 1024 * 1024, truncateBytes: 64 * 1024 * 1024 }

/** Far more leases than one process can take, so that no fence of the next meets one of this. */
const FENCES_AN_OPENING = 2 ** 32

class SqliteStore implements Store {
  readonly durability: Durability = 'disk'
  readonly #connection: SqliteConnection
  readonly #heads: JournalHeads
  readonly #journal: SqliteJournal
  readonly #catalogue: SqliteCatalogue
  readonly #snapshots: SqliteSnapshots
  readonly #commands: SqliteCommands
  readonly #leases: Leases
  readonly #inbox = new Inbox()
  readonly #headListeners: Listeners<[session: string, head: number]>
  readonly #inboxListeners: Listeners<[session: string]>

  constructor(connection: SqliteConnection, leases: Leases) {
    const { database, heads, index } = connection
    const onThrown = (cause: unknown) => connection.warn('a listener of the store threw', cause)
    this.#connection = connection
    this.#heads = heads
    this.#journal = new SqliteJournal(database, this.#heads, index)
    this.#catalogue = new SqliteCatalogue(database, (what, cause) => connection.warn(what, cause))
    this.#snapshots = new SqliteSnapshots(database, this.#heads)
    this.#commands = new SqliteCommands(database, this.#heads)
    this.#leases = leases
    this.#headListeners = new Listeners(onThrown)
    this.#inboxListeners = new Listeners(onThrown)
  }

  create(session: NewSession): Promise<{ readonly created: boolean; readonly record: SessionRecord }> {
    return this.#connection.write(() => this.#catalogue.create(session))
  }

  find(session: string): Promise<Found> {
    return this.#connection.read(() => this.#catalogue.find(session))
  }

  list(query: ListQuery): Promise<readonly ListedSession[]> {
    return this.#connection.read(() => this.#catalogue.list(query))
  }

  layout(session: string, principal: string): Promise<Layout | undefined> {
    return this.#connection.read(() => this.#catalogue.layout(session, principal))
  }

  setLayout(session: string, principal: string, layout: Layout): Promise<boolean> {
    return this.#connection.write(() => this.#catalogue.setLayout(session, principal, layout))
  }

  change(session: string, change: RecordChange): Promise<boolean> {
    return this.#connection.write(() => this.#catalogue.change(session, change))
  }

  remove(session: string, tombstoneAt?: number): Promise<void> {
    return this.#connection.write((transaction) => {
      const n = this.#catalogue.remove(session, tombstoneAt)
      if (n === undefined) return
      this.#journal.remove(session, n, transaction)
      this.#snapshots.remove(n)
      this.#commands.remove(n)
      transaction.onCommit(() => {
        this.#leases.drop(session)
        this.#inbox.drop(session)
      })
    })
  }

  stale(before: number, limit: number, after?: Pick<SessionRecord, 'id' | 'updatedAt'>) {
    return this.#connection.read(() => this.#catalogue.stale(before, limit, after))
  }

  unsettled(): Promise<readonly SessionRecord[]> {
    return this.#connection.read(() => this.#catalogue.unsettled())
  }

  forget(before: { readonly commands: number; readonly tombstones: number }): Promise<void> {
    return this.#connection.write(() => {
      this.#commands.forget(before.commands)
      this.#catalogue.forgetTombstones(before.tombstones)
    })
  }

  append(append: Append): Promise<AppendVerdict> {
    const bytes = (append.batch?.frame.length ?? 0) + (append.effects === undefined ? 0 : BYTES_A_WRITE)
    return this.#connection.write((transaction) => this.#append(append, transaction), bytes)
  }

  bounds(session: string): Promise<JournalBounds | undefined> {
    return this.#connection.read(() => this.#journal.bounds(session))
  }

  read(session: string, after: number, maxBytes: number): Promise<readonly Batch[]> {
    return this.#connection.read(() => this.#journal.read(session, after, maxBytes))
  }

  markAt(session: string, seq: number): Promise<Mark | undefined> {
    return this.#connection.read(() => this.#journal.markAt(session, seq))
  }

  bytesAfter(session: string, after: number): Promise<number> {
    return this.#connection.read(() => this.#journal.bytesAfter(session, after))
  }

  fold(session: string, seq: number): Promise<void> {
    return this.#connection.write((transaction) => this.#journal.fold(session, seq, transaction))
  }

  watchHeads(listener: (session: string, head: number) => void): () => void {
    return this.#headListeners.add(listener)
  }

  saveSnapshot(session: string, snapshot: SnapshotWrite): Promise<void> {
    const bytes = snapshot.rows.reduce((sum, { json }) => sum + json.length, snapshot.json.length + BYTES_A_WRITE)
    return this.#connection.write(() => this.#snapshots.save(session, snapshot), bytes)
  }

  snapshot(session: string): Promise<SnapshotRecord | undefined> {
    return this.#connection.read(() => this.#snapshots.snapshot(session))
  }

  messages(session: string, before: number, limit: number, maxBytes: number): Promise<readonly MessageRow[]> {
    return this.#connection.read(() => this.#snapshots.messages(session, before, limit, maxBytes))
  }

  ordinalOf(session: string, message: string): Promise<number | undefined> {
    return this.#connection.read(() => this.#snapshots.ordinalOf(session, message))
  }

  command(session: string, principal: string, id: string): Promise<CommandRecord | undefined> {
    return this.#connection.read(() => this.#commands.find(session, principal, id))
  }

  lease(session: string, node: string, ttlMs: number): Promise<Lease | undefined> {
    return this.#connection.read(() => (this.#exists(session) ? this.#leases.take(session, node, ttlMs) : undefined))
  }

  release(session: string, node: string): Promise<void> {
    return this.#connection.read(() => this.#leases.release(session, node))
  }

  post(session: string, entry: InboxEntry): Promise<boolean> {
    return this.#connection.read(() => {
      if (!this.#exists(session)) return false
      if (this.#inbox.post(session, entry)) this.#inboxListeners.tell(session)
      return true
    })
  }

  inbox(session: string): Promise<readonly InboxEntry[]> {
    return this.#connection.read(() => this.#inbox.entries(session))
  }

  watchInbox(listener: (session: string) => void): () => void {
    return this.#inboxListeners.add(listener)
  }

  ping(): Promise<void> {
    return this.#connection.ping()
  }

  close(): Promise<void> {
    return this.#connection.close()
  }

  #exists(session: string): boolean {
    return this.#heads.get(session) !== undefined
  }

  #append(append: Append, transaction: Transaction): AppendVerdict {
    const { session, batch, effects } = append
    const head = this.#heads.get(session)
    if (head === undefined) return { kind: 'gone' }
    const ruling = judgeAppend(append, {
      head: head.seq,
      holds: (fence) => this.#leases.holds(session, fence),
      markAt: (seq) => (seq === head.folded.seq ? head.folded.mark : this.#journal.markAt(session, seq)),
    })
    if (ruling.kind !== 'write') return ruling
    if (batch !== undefined) {
      this.#journal.append(session, head, batch, transaction)
      // Nobody can come to listen before the commit, which follows in this turn.
      if (!this.#headListeners.isEmpty) transaction.onCommit(() => this.#headListeners.tell(session, batch.to))
    }
    if (effects !== undefined) this.#takeEffect(session, head.n, effects, transaction)
    return { kind: 'stored' }
  }

  #takeEffect(session: string, n: number, { command, record, taken }: Effects, transaction: Transaction): void {
    if (command !== undefined) this.#commands.remember(n, command)
    if (record !== undefined) this.#catalogue.change(session, record)
    if (taken !== undefined) transaction.onCommit(() => this.#inbox.take(session, taken))
  }
}
