import type { Durability, LastRun, Mark, SessionStatus } from '@throughline/sdk/protocol'

/** Events appended at once: the unit of storage and of sending. `frame` is the encoded `batch` frame; its bytes are stored and sent as they are. */
export interface Batch {
  readonly from: number
  readonly to: number
  readonly mark: Mark
  /** Milliseconds since the epoch. */
  readonly at: number
  readonly frame: Buffer
}

/** A session's row in the catalogue. The journal wins where they differ. */
export interface SessionRecord {
  readonly id: string
  /** The principal that created it. */
  readonly owner: string
  readonly key?: string
  readonly title?: string
  readonly agent?: string
  readonly status: SessionStatus
  readonly last?: LastRun
  /** The mark of seq 0. */
  readonly birth: Mark
  readonly createdAt: number
  /** When something last happened in the conversation; upkeep never changes it. */
  readonly updatedAt: number
}

/** A new session; it begins idle. */
export type NewSession = Pick<SessionRecord, 'id' | 'owner' | 'key' | 'title' | 'agent' | 'birth' | 'createdAt'>

/** What may change in a catalogue row. A field set to undefined stays as it was. */
export interface RecordChange {
  readonly title?: string | undefined
  readonly agent?: string | undefined
  readonly status?: SessionStatus | undefined
  readonly last?: LastRun | undefined
  readonly updatedAt?: number | undefined
}

/** Where a session stands in one principal's layout. */
export interface Layout {
  readonly open: boolean
  readonly position: number
  readonly settings?: unknown
}

/** A session as one principal sees it. Without a layout of its own it is open, at the place of its creation time. */
export interface ListedSession {
  readonly record: SessionRecord
  readonly layout: Layout
}

/** Which sessions of a principal to list: newest `updatedAt` first. Sessions of one `updatedAt` stand in descending order of their ids. */
export interface ListQuery {
  readonly owner: string
  readonly open?: boolean | undefined
  readonly status?: SessionStatus | undefined
  /** Only what comes after this place: after that session, or after all of that time where none is named. */
  readonly before?: { readonly updatedAt: number; readonly id?: string } | undefined
  readonly limit: number
}

/** What a look at an id found. A swept session leaves a tombstone. */
export type Found =
  | { readonly kind: 'found'; readonly record: SessionRecord }
  | { readonly kind: 'expired'; readonly owner: string; readonly at: number }
  | { readonly kind: 'unknown' }

/** A command that took effect, remembered with what came of it. One that is remembered already stays as it is. */
export interface CommandRecord {
  readonly principal: string
  readonly id: string
  /** Tells whether a later command of this id has the same body. */
  readonly digest: string
  readonly result: unknown
  /** Milliseconds since the epoch. */
  readonly at: number
}

/** What becomes true in the same transaction as a batch. */
export interface Effects {
  readonly command?: CommandRecord | undefined
  readonly record?: RecordChange | undefined
  /** Ids of inbox entries that the batch carries out. */
  readonly taken?: readonly string[] | undefined
}

/** One append: the batch must follow `after`, and the writer must hold the session's newest fence. A batch with a hole before it, or one that ends before it begins, rejects. */
export interface Append {
  readonly session: string
  readonly fence: number
  /** The head that the writer knows: `batch.from - 1`. */
  readonly after: number
  /** Absent where only effects are to be stored. */
  readonly batch?: Batch | undefined
  readonly effects?: Effects | undefined
}

/**
 * What came of an append, judged in this order. `gone`: there is no such session. `fenced`: the writer does not hold the session's lease
 * under this fence; nothing is said of the batch. `stored`: it is in the store, as durably as the store promises; also when the row that
 * stands there carries the append's own mark (a retry after an answer that got lost), whose effects are then in the store too.
 * `conflict`: the head is not where the writer thinks; also where only effects were to be stored.
 */
export type AppendVerdict =
  | { readonly kind: 'stored' }
  | { readonly kind: 'fenced' }
  | { readonly kind: 'conflict'; readonly head: number }
  | { readonly kind: 'gone' }

/** What a journal holds, without its rows. */
export interface JournalBounds {
  readonly head: number
  /** The mark at the head; the birth mark where it is empty. */
  readonly mark: Mark
  /** The last seq that was folded into the snapshot and deleted; 0 where none was. Rows begin after it. */
  readonly folded: number
  /** The mark at `folded`. */
  readonly foldedMark: Mark
  /** Bytes of all kept rows. */
  readonly bytes: number
}

/** A settled message's row: `ordinal` counts a session's messages from 0. */
export interface MessageRow {
  readonly ordinal: number
  readonly id: string
  /** The encoded TranscriptMessage. */
  readonly json: string
}

/** A stored snapshot: the transcript without its messages, which have rows of their own, written once. */
export interface SnapshotRecord {
  readonly seq: number
  readonly mark: Mark
  /** The encoded transcript with `messages: []`. */
  readonly json: string
  /** How many messages there are; rows at and after it are stale and to be deleted. */
  readonly messages: number
}

/** A write of a snapshot: the rows that are new or changed. */
export interface SnapshotWrite extends SnapshotRecord {
  readonly rows: readonly MessageRow[]
}

/** A node's right to write one session. A higher fence voids a lower; fences grow over restarts of the store. */
export interface Lease {
  /** Names one life of a process: a node that starts anew has another name. */
  readonly node: string
  readonly fence: number
  /** Milliseconds since the epoch. */
  readonly until: number
}

/** A command that reached a node which does not hold the session's lease. */
export interface InboxEntry {
  /** Names the entry within its session's inbox. Command ids are unique only for a principal, so the poster makes it of both. */
  readonly id: string
  readonly principal: string
  /** The command frame, encoded. */
  readonly json: string
}

/**
 * Where journals live. Every method may be called at any time and from any session; a store keeps what belongs together in one
 * transaction. What fails rejects with a StoreError; nothing is half done. Ids, keys and principals are any text. What is asked of a
 * session that does not exist (any more) changes nothing.
 */
export interface Store {
  readonly durability: Durability

  /** Creates a session, or gives the owner's session of that key. Rejects where another session has the id. */
  create(session: NewSession): Promise<{ readonly created: boolean; readonly record: SessionRecord }>
  find(session: string): Promise<Found>
  list(query: ListQuery): Promise<readonly ListedSession[]>
  /** The session's layout for a principal. */
  layout(session: string, principal: string): Promise<Layout | undefined>
  /** Sets the session's layout for a principal; says whether the session exists. */
  setLayout(session: string, principal: string, layout: Layout): Promise<boolean>
  /** Changes a catalogue row outside an append; says whether the session exists. */
  change(session: string, change: RecordChange): Promise<boolean>
  /** Removes journal, snapshot, rows, commands, layouts, inbox and lease together; with `tombstoneAt` the id answers `expired` until tombstones are swept. */
  remove(session: string, tombstoneAt?: number): Promise<void>
  /**
   * Sessions whose `updatedAt` is before the given time, oldest first, with their layouts' openness: true where any principal has it open,
   * be it the owner without a layout. `after` is the last row of an earlier answer: so a sweep gets past those that it keeps.
   */
  stale(
    before: number,
    limit: number,
    after?: Pick<SessionRecord, 'id' | 'updatedAt'>,
  ): Promise<readonly { readonly record: SessionRecord; readonly open: boolean }[]>
  /** Sessions whose row says that they run, stop or wait: what a crash left behind, and whose questions may expire. */
  unsettled(): Promise<readonly SessionRecord[]>
  /** Forgets command records and tombstones older than the given times. */
  forget(before: { readonly commands: number; readonly tombstones: number }): Promise<void>

  append(append: Append): Promise<AppendVerdict>
  bounds(session: string): Promise<JournalBounds | undefined>
  /**
   * Rows that end after `after`, oldest first: as many as fit `maxBytes` together, but at least one where there is any. Where `after` was
   * folded they begin after `folded`. Rejects where a row is missing or cannot be read: what is given has no holes.
   */
  read(session: string, after: number, maxBytes: number): Promise<readonly Batch[]>
  /** The mark of the kept batch that ends at seq; undefined where none does, and for what was folded. */
  markAt(session: string, seq: number): Promise<Mark | undefined>
  /** Bytes of the kept rows after `after`. */
  bytesAfter(session: string, after: number): Promise<number>
  /**
   * Deletes the oldest rows through the batch that ends at `seq`, and remembers that batch's mark. What is folded already stays so. Rejects
   * where no stored snapshot covers `seq`, or no batch ends there.
   */
  fold(session: string, seq: number): Promise<void>
  /** Calls back after every batch that any node of this store appends; the answer stops it. */
  watchHeads(listener: (session: string, head: number) => void): () => void

  /** Stores a snapshot in place of the last one. One that is older than the stored one changes nothing. */
  saveSnapshot(session: string, snapshot: SnapshotWrite): Promise<void>
  snapshot(session: string): Promise<SnapshotRecord | undefined>
  /** Message rows before an ordinal, newest first: at most `limit`, as many as fit `maxBytes` of UTF-8 together, but at least one where there is any. */
  messages(session: string, before: number, limit: number, maxBytes: number): Promise<readonly MessageRow[]>
  /** The ordinal of a message row. */
  ordinalOf(session: string, message: string): Promise<number | undefined>

  command(session: string, principal: string, id: string): Promise<CommandRecord | undefined>

  /**
   * Takes or renews the lease of a session for a node: undefined where another node holds it, or the session does not exist. The holder
   * renews it under its fence, late too as long as nobody else took it. A lease taken anew has a higher fence.
   */
  lease(session: string, node: string, ttlMs: number): Promise<Lease | undefined>
  /** Gives a lease back, where the node holds it: from then on its fence is void. */
  release(session: string, node: string): Promise<void>

  /** Leaves a command for the session's writer; says whether the session exists. An entry whose id is there already changes nothing. */
  post(session: string, entry: InboxEntry): Promise<boolean>
  /** The entries that wait, oldest first. */
  inbox(session: string): Promise<readonly InboxEntry[]>
  /** Calls back when an entry is posted; the answer stops it. */
  watchInbox(listener: (session: string) => void): () => void

  /** Whether the store can serve; rejects with the reason where it cannot. */
  ping(): Promise<void>
  /** Writes out what waits, and closes. From then on every method rejects with `closed`; closing again does nothing. */
  close(): Promise<void>
}
