import {
  EMPTY_TRANSCRIPT,
  formatCursor,
  type BatchFrame,
  type Mark,
  type SessionEvent,
  type Transcript,
  type TranscriptMessage,
} from '@throughline/sdk/protocol'
import { applyEvents, windowOf } from '@throughline/sdk/transcript'
import type { Batch, MessageRow, Store } from '../store/port.ts'

/** How large a snapshot may become, in encoded bytes. */
export const SNAPSHOT_BYTES = 1024 * 1024

/** How many bytes of rows are read at once while a journal is folded. */
const READ_BYTES = 1024 * 1024

/** How many events may wait to be folded. */
const UNFOLDED_EVENTS = 32

/** A snapshot as it travels, encoded once for all who need it. */
export interface EncodedSnapshot {
  readonly seq: number
  readonly json: string
}

/** The place of the window's first message among all messages; unknown after a rewind to before the window, until a look at the rows. */
type First = { readonly kind: 'known'; readonly ordinal: number } | { readonly kind: 'rewound'; readonly from: string }

/**
 * The fold of one session's stored journal, or of its newest part: what snapshots are made of. It follows the journal batch by batch, is
 * loaded from the stored snapshot and the rows after it, and is stored again with only the messages that changed.
 */
export class Projection {
  readonly #store: Store
  readonly #session: string
  #folded: Transcript
  /** What came since. A copy of what a batch touches is made once a fold, so many small batches are folded together, or when somebody looks. */
  #unfolded: SessionEvent[] = []
  #seq: number
  #mark: Mark
  #first: First
  /** The messages as they were last stored. */
  #stored: readonly TranscriptMessage[]
  #storedSeq: number
  #encoded: EncodedSnapshot | undefined

  private constructor(store: Store, session: string, at: { transcript: Transcript; seq: number; mark: Mark; first: number }) {
    this.#store = store
    this.#session = session
    this.#folded = at.transcript
    this.#seq = at.seq
    this.#mark = at.mark
    this.#first = { kind: 'known', ordinal: at.first }
    this.#stored = at.transcript.messages
    this.#storedSeq = at.seq
  }

  /** Loads the stored snapshot of a session and folds what came after it, through the head that `bounds` tells at the end. */
  static async load(store: Store, session: string, birth: Mark, head: () => number): Promise<Projection> {
    const record = await store.snapshot(session)
    let projection: Projection
    if (record === undefined) projection = new Projection(store, session, { transcript: EMPTY_TRANSCRIPT, seq: 0, mark: birth, first: 0 })
    else {
      const rows = (await store.messages(session, record.messages, Number.MAX_SAFE_INTEGER, SNAPSHOT_BYTES)).toReversed()
      const messages = rows.map((row) => JSON.parse(row.json) as TranscriptMessage)
      const transcript = { ...(JSON.parse(record.json) as Transcript), messages }
      projection = new Projection(store, session, {
        transcript,
        seq: record.seq,
        mark: record.mark,
        first: rows[0]?.ordinal ?? record.messages,
      })
    }
    while (projection.seq < head()) {
      const batches = await store.read(session, projection.seq, READ_BYTES)
      for (const batch of batches) projection.apply(batch, (JSON.parse(batch.frame.toString()) as BatchFrame).events)
      if (batches.length === 0) break
    }
    return projection
  }

  /** The transcript through {@link seq}. */
  get transcript(): Transcript {
    this.#fold()
    return this.#folded
  }

  get seq(): number {
    return this.#seq
  }

  /** How many events came since it was last stored. */
  get unstored(): number {
    return this.#seq - this.#storedSeq
  }

  /** Through which seq it is stored. */
  get storedSeq(): number {
    return this.#storedSeq
  }

  /** Whether a message row lies before the messages that are in memory. */
  async isBeforeWindow(ordinal: number): Promise<boolean> {
    await this.#locateFirst()
    const first = this.#first
    return first.kind === 'known' ? ordinal < first.ordinal : this.isBeforeWindow(ordinal)
  }

  /** The transcript with all its messages, also those that are only in the store. */
  async whole(): Promise<Transcript> {
    await this.#locateFirst()
    const first = this.#first
    if (first.kind !== 'known') return this.whole()
    const transcript = this.transcript
    if (first.ordinal === 0) return transcript
    const rows = await this.#store.messages(this.#session, first.ordinal, Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
    const older = rows.map((row) => JSON.parse(row.json) as TranscriptMessage).toReversed()
    return { ...transcript, messages: [...older, ...transcript.messages] }
  }

  /** Folds the batch that follows; one that is folded already changes nothing. */
  apply(batch: Pick<Batch, 'to' | 'mark'>, events: readonly SessionEvent[]): void {
    if (batch.to <= this.#seq) return
    for (const event of events) {
      if (event.type !== 'CUSTOM' || event.name !== 'throughline/rewound') continue
      const { from } = event.value as { from: string }
      if (!this.transcript.messages.some((message) => message.id === from)) this.#first = { kind: 'rewound', from }
    }
    for (const event of events) this.#unfolded.push(event)
    if (this.#unfolded.length >= UNFOLDED_EVENTS) this.#fold()
    this.#seq = batch.to
    this.#mark = batch.mark
  }

  /** The snapshot through {@link seq}, encoded. */
  async snapshot(): Promise<EncodedSnapshot> {
    await this.#locateFirst()
    const first = this.#first
    if (first.kind !== 'known') return this.snapshot()
    if (this.#encoded?.seq === this.#seq) return this.#encoded
    const { transcript, dropped } = windowOf(this.transcript, SNAPSHOT_BYTES)
    const cursor = formatCursor(this.#mark, this.#seq)
    const json = `{"cursor":${JSON.stringify(cursor)},"more":${first.ordinal + dropped > 0},"transcript":${JSON.stringify(transcript)}}`
    this.#encoded = { seq: this.#seq, json }
    return this.#encoded
  }

  /** Stores the snapshot: the transcript's small parts, and those messages that are new or changed. */
  async save(): Promise<void> {
    if (this.#seq === this.#storedSeq) return
    await this.#locateFirst()
    const first = this.#first
    if (first.kind !== 'known') return this.save()
    const { messages, ...rest } = this.transcript
    const seq = this.#seq
    const rows = this.#changedRows(messages, first.ordinal)
    await this.#store.saveSnapshot(this.#session, {
      seq,
      mark: this.#mark,
      json: JSON.stringify({ ...rest, messages: [] }),
      messages: first.ordinal + messages.length,
      rows,
    })
    this.#stored = messages
    this.#storedSeq = seq
    this.#trim(first.ordinal)
  }

  #fold(): void {
    if (this.#unfolded.length === 0) return
    this.#folded = applyEvents(this.#folded, this.#unfolded)
    this.#unfolded = []
  }

  #changedRows(messages: readonly TranscriptMessage[], first: number): MessageRow[] {
    return messages.flatMap((message, index) =>
      message === this.#stored[index] ? [] : [{ ordinal: first + index, id: message.id, json: JSON.stringify(message) }],
    )
  }

  /** Lets go of the oldest stored messages beyond what a snapshot can hold. */
  #trim(first: number): void {
    if (this.transcript.messages !== this.#stored) return
    const { transcript, dropped } = windowOf(this.transcript, SNAPSHOT_BYTES)
    if (dropped === 0) return
    // Only whole messages go: what a snapshot cuts off inside one is still needed for its row.
    const messages = this.#stored.slice(dropped)
    this.#folded = { ...this.transcript, messages, runs: transcript.runs }
    this.#stored = messages
    this.#first = { kind: 'known', ordinal: first + dropped }
  }

  /** Looks up where the window begins, where a rewind left that open. Another rewind may happen meanwhile, so callers look again. */
  async #locateFirst(): Promise<void> {
    const first = this.#first
    if (first.kind === 'known') return
    const ordinal = (await this.#store.ordinalOf(this.#session, first.from)) ?? 0
    if (this.#first === first) this.#first = { kind: 'known', ordinal }
  }
}
