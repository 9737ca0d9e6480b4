import type { Durability, Mark } from '@throughline/sdk/protocol'
import { Inbox } from './inbox.ts'
import { judgeAppend } from './judge-append.ts'
import { Leases } from './leases.ts'
import { Listeners } from './listeners.ts'
import { MemoryJournal } from './memory-journal.ts'
import { MemorySnapshots } from './memory-snapshots.ts'
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
import { changedRecord, newRecord } from './session-record.ts'
import { StoreError } from './store-error.ts'

/** How a memory store is made. */
export interface MemoryStoreOptions {
  /** The clock that leases run by, in milliseconds since the epoch. @default Date.now */
  readonly now?: () => number
  /** Told what went wrong beside the calls: a listener that threw. @default nobody is told */
  readonly onWarning?: (warning: StoreError) => void
}

/** A store that keeps everything in this process and loses it with the process: for tests, trials, and sessions that may be lost. */
export function createMemoryStore(options: MemoryStoreOptions = {}): Store {
  return new MemoryStore(options)
}

/** All that is kept of one session. */
interface Kept {
  record: SessionRecord
  readonly journal: MemoryJournal
  readonly snapshots: MemorySnapshots
  readonly layouts: Map<string, Layout>
  readonly commands: Map<string, CommandRecord>
}

// Every method is one turn of the event loop, so each is a transaction by itself.
class MemoryStore implements Store {
  readonly durability: Durability = 'memory'
  readonly #sessions = new Map<string, Kept>()
  readonly #byKey = new Map<string, Kept>()
  readonly #tombstones = new Map<string, { readonly owner: string; readonly at: number }>()
  readonly #leases: Leases
  readonly #inbox = new Inbox()
  readonly #heads: Listeners<[session: string, head: number]>
  readonly #posts: Listeners<[session: string]>
  #open = true

  constructor({ now = Date.now, onWarning }: MemoryStoreOptions) {
    this.#leases = new Leases(now, 0)
    const onThrown = (cause: unknown) => onWarning?.(new StoreError('failed', 'a listener of the store threw', { cause }))
    this.#heads = new Listeners(onThrown)
    this.#posts = new Listeners(onThrown)
  }

  async create(session: NewSession): Promise<{ readonly created: boolean; readonly record: SessionRecord }> {
    this.#checkOpen()
    const known = session.key === undefined ? undefined : this.#byKey.get(pairOf(session.owner, session.key))
    if (known !== undefined) return { created: false, record: known.record }
    if (this.#sessions.has(session.id)) throw new StoreError('failed', `the session id ${session.id} is taken`)
    const kept = keptOf(newRecord(session))
    this.#sessions.set(session.id, kept)
    if (session.key !== undefined) this.#byKey.set(pairOf(session.owner, session.key), kept)
    return { created: true, record: kept.record }
  }

  async find(session: string): Promise<Found> {
    const kept = this.#kept(session)
    if (kept !== undefined) return { kind: 'found', record: kept.record }
    const tombstone = this.#tombstones.get(session)
    return tombstone === undefined ? { kind: 'unknown' } : { kind: 'expired', ...tombstone }
  }

  async list({ owner, open, status, before, limit }: ListQuery): Promise<readonly ListedSession[]> {
    this.#checkOpen()
    return [...this.#sessions.values()]
      .map(({ record, layouts }) => ({ record, layout: layouts.get(owner) ?? { open: true, position: record.createdAt } }))
      .filter(({ record }) => record.owner === owner && (before === undefined || byAge(record, { id: '', ...before }) < 0))
      .filter(({ record, layout }) => (status ?? record.status) === record.status && (open ?? layout.open) === layout.open)
      .toSorted((a, b) => byAge(b.record, a.record))
      .slice(0, limit)
  }

  async layout(session: string, principal: string): Promise<Layout | undefined> {
    return this.#kept(session)?.layouts.get(principal)
  }

  async setLayout(session: string, principal: string, layout: Layout): Promise<boolean> {
    return this.#kept(session)?.layouts.set(principal, copyOf(layout)) !== undefined
  }

  async change(session: string, change: RecordChange): Promise<boolean> {
    const kept = this.#kept(session)
    if (kept !== undefined) kept.record = changedRecord(kept.record, copyOf(change))
    return kept !== undefined
  }

  async remove(session: string, tombstoneAt?: number): Promise<void> {
    const kept = this.#kept(session)
    if (kept === undefined) return
    const { owner, key } = kept.record
    this.#sessions.delete(session)
    if (key !== undefined) this.#byKey.delete(pairOf(owner, key))
    if (tombstoneAt !== undefined) this.#tombstones.set(session, { owner, at: tombstoneAt })
    this.#leases.drop(session)
    this.#inbox.drop(session)
  }

  async stale(before: number, limit: number, after?: Pick<SessionRecord, 'id' | 'updatedAt'>) {
    this.#checkOpen()
    return [...this.#sessions.values()]
      .filter(({ record }) => record.updatedAt < before && (after === undefined || byAge(record, after) > 0))
      .toSorted((a, b) => byAge(a.record, b.record))
      .slice(0, limit)
      .map(({ record, layouts }) => ({
        record,
        open: !layouts.has(record.owner) || [...layouts.values()].some((layout) => layout.open),
      }))
  }

  async unsettled(): Promise<readonly SessionRecord[]> {
    this.#checkOpen()
    return [...this.#sessions.values()].map(({ record }) => record).filter(({ status }) => status !== 'idle')
  }

  async forget(before: { readonly commands: number; readonly tombstones: number }): Promise<void> {
    this.#checkOpen()
    for (const [id, { at }] of this.#tombstones) if (at < before.tombstones) this.#tombstones.delete(id)
    for (const { commands } of this.#sessions.values()) {
      for (const [id, { at }] of commands) if (at < before.commands) commands.delete(id)
    }
  }

  async append(append: Append): Promise<AppendVerdict> {
    const kept = this.#kept(append.session)
    if (kept === undefined) return { kind: 'gone' }
    const ruling = judgeAppend(append, this.#groundOf(append.session, kept.journal))
    if (ruling.kind !== 'write') return ruling
    if (append.batch !== undefined) kept.journal.append(append.batch)
    if (append.effects !== undefined) this.#takeEffect(append.session, kept, append.effects)
    if (append.batch !== undefined) this.#heads.tell(append.session, append.batch.to)
    return { kind: 'stored' }
  }

  async bounds(session: string): Promise<JournalBounds | undefined> {
    return this.#kept(session)?.journal.bounds
  }

  async read(session: string, after: number, maxBytes: number): Promise<readonly Batch[]> {
    return this.#kept(session)?.journal.read(after, maxBytes) ?? []
  }

  async markAt(session: string, seq: number): Promise<Mark | undefined> {
    return this.#kept(session)?.journal.markAt(seq)
  }

  async bytesAfter(session: string, after: number): Promise<number> {
    return this.#kept(session)?.journal.bytesAfter(after) ?? 0
  }

  async fold(session: string, seq: number): Promise<void> {
    const kept = this.#kept(session)
    if (kept === undefined) return
    const covered = kept.snapshots.snapshot?.seq ?? 0
    if (seq > covered) throw new StoreError('failed', `session ${session} cannot be folded through ${seq}: its snapshot ends at ${covered}`)
    if (!kept.journal.fold(seq)) throw new StoreError('failed', `session ${session} cannot be folded through ${seq}: no batch ends there`)
  }

  watchHeads(listener: (session: string, head: number) => void): () => void {
    return this.#heads.add(listener)
  }

  async saveSnapshot(session: string, snapshot: SnapshotWrite): Promise<void> {
    this.#kept(session)?.snapshots.save(snapshot)
  }

  async snapshot(session: string): Promise<SnapshotRecord | undefined> {
    return this.#kept(session)?.snapshots.snapshot
  }

  async messages(session: string, before: number, limit: number, maxBytes: number): Promise<readonly MessageRow[]> {
    return this.#kept(session)?.snapshots.messages(before, limit, maxBytes) ?? []
  }

  async ordinalOf(session: string, message: string): Promise<number | undefined> {
    return this.#kept(session)?.snapshots.ordinalOf(message)
  }

  async command(session: string, principal: string, id: string): Promise<CommandRecord | undefined> {
    return this.#kept(session)?.commands.get(pairOf(principal, id))
  }

  async lease(session: string, node: string, ttlMs: number): Promise<Lease | undefined> {
    return this.#kept(session) && this.#leases.take(session, node, ttlMs)
  }

  async release(session: string, node: string): Promise<void> {
    this.#checkOpen()
    this.#leases.release(session, node)
  }

  async post(session: string, entry: InboxEntry): Promise<boolean> {
    if (this.#kept(session) === undefined) return false
    if (this.#inbox.post(session, entry)) this.#posts.tell(session)
    return true
  }

  async inbox(session: string): Promise<readonly InboxEntry[]> {
    this.#checkOpen()
    return this.#inbox.entries(session)
  }

  watchInbox(listener: (session: string) => void): () => void {
    return this.#posts.add(listener)
  }

  async ping(): Promise<void> {
    this.#checkOpen()
  }

  async close(): Promise<void> {
    this.#open = false
  }

  #checkOpen(): void {
    if (!this.#open) throw new StoreError('closed', 'the memory store was closed')
  }

  #kept(session: string): Kept | undefined {
    this.#checkOpen()
    return this.#sessions.get(session)
  }

  #groundOf(session: string, journal: MemoryJournal) {
    const { head, folded, foldedMark } = journal.bounds
    return {
      head,
      holds: (fence: number) => this.#leases.holds(session, fence),
      markAt: (seq: number) => (seq === folded ? foldedMark : journal.markAt(seq)),
    }
  }

  #takeEffect(session: string, kept: Kept, { command, record, taken }: Effects): void {
    if (record !== undefined) kept.record = changedRecord(kept.record, copyOf(record))
    if (taken !== undefined) this.#inbox.take(session, taken)
    if (command === undefined) return
    const id = pairOf(command.principal, command.id)
    if (!kept.commands.has(id)) kept.commands.set(id, copyOf(command))
  }
}

function keptOf(record: SessionRecord): Kept {
  return {
    record,
    journal: new MemoryJournal(record.birth),
    snapshots: new MemorySnapshots(),
    layouts: new Map(),
    commands: new Map(),
  }
}

/** One text for two, so that no other two give the same. */
function pairOf(first: string, second: string): string {
  return JSON.stringify([first, second])
}

/** What a store gives back is what it was given then, whatever became of the object since. */
function copyOf<Value>(value: Value): Value {
  return JSON.parse(JSON.stringify(value)) as Value
}

function byAge(a: Pick<SessionRecord, 'id' | 'updatedAt'>, b: Pick<SessionRecord, 'id' | 'updatedAt'>): number {
  return a.updatedAt - b.updatedAt || (a.id < b.id ? -1 : Number(a.id > b.id))
}
