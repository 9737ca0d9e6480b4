import type { Mark, SessionEvent } from '@throughline/sdk/protocol'
import { nanoid } from 'nanoid'
import type { Append, Batch, Effects, JournalBounds, Store } from '../store/port.ts'
import { StoreError } from '../store/store-error.ts'
import type { Timers } from '../timers.ts'
import { encodeBatch } from './encode-batch.ts'
import { Pending } from './pending.ts'
import { Tail, TAIL_LIMITS, type TailLimits } from './tail.ts'

/** While an append is in flight this much may wait, in encoded bytes; then agents are not pulled. */
const WAITING_BYTES = 1024 * 1024

/** How long a failing append is tried again before the journal gives up. */
const STORE_PATIENCE_MS = 30_000

/** Why a journal stopped: its session is written elsewhere, was deleted, or its store failed for too long. */
export type JournalFailure = { readonly kind: 'fenced' | 'gone' | 'store'; readonly error: Error }

/** What a journal is opened with. */
export interface JournalStart {
  readonly store: Store
  readonly session: string
  /** The fence of the session's lease. */
  readonly fence: number
  readonly bounds: JournalBounds
  readonly timers: Timers
  readonly tail?: TailLimits | undefined
  /** Every batch, once it is stored and never before. */
  readonly onStored: (batch: Batch, events: readonly SessionEvent[]) => void
  /** Once, when nothing more can be appended. */
  readonly onFailed: (failure: JournalFailure) => void
}

/**
 * The write side of one session's journal, and its end in memory. One append is in flight at a time; what is handed over meanwhile waits,
 * and deltas of one part that wait become one event before they get a seq.
 */
export class Journal {
  readonly tail: Tail
  readonly #start: JournalStart
  readonly #pending = new Pending()
  #head: number
  #mark: Mark
  #folded: { readonly seq: number; readonly mark: Mark }
  #bytes: number
  #runBytes = 0
  #state: { readonly kind: 'open' } | { readonly kind: 'failed'; readonly failure: JournalFailure } = { kind: 'open' }
  #draining: Promise<void> | undefined
  #roomWaiters: (() => void)[] = []

  constructor(start: JournalStart) {
    this.#start = start
    this.tail = new Tail(start.tail ?? TAIL_LIMITS)
    const { head, mark, folded, foldedMark, bytes } = start.bounds
    this.#head = head
    this.#mark = mark
    this.#folded = { seq: folded, mark: foldedMark }
    this.#bytes = bytes
  }

  /** The last stored seq: by itself, since each viewer asks for it twice a batch. */
  get head(): number {
    return this.#head
  }

  /** The last stored seq, its mark, and where the kept rows begin. */
  get bounds(): JournalBounds {
    return { head: this.#head, mark: this.#mark, folded: this.#folded.seq, foldedMark: this.#folded.mark, bytes: this.#bytes }
  }

  /** Bytes of the rows since the last run began, as far as they were appended here. */
  get runBytes(): number {
    return this.#runBytes
  }

  /** Hands over an event of an agent's stream. It is stored in order, alone or with its neighbours. */
  emit(event: SessionEvent): void {
    if (this.#state.kind === 'failed') return
    this.#pending.pushEvent(event)
    this.#drain()
  }

  /** Hands over events that take effect together with `effects`, in one batch; settles when they are stored. No events: the effects alone. */
  append(events: readonly SessionEvent[], effects?: Effects): Promise<void> {
    if (this.#state.kind === 'failed') return Promise.reject(this.#state.failure.error)
    return new Promise((resolve, reject) => {
      this.#pending.pushGroup({ events, effects, resolve, reject })
      this.#drain()
    })
  }

  /** Undefined while there is room for more; else settles when there is, or when the journal failed. */
  room(): Promise<void> | undefined {
    if (this.#state.kind === 'failed' || this.#pending.bytes < WAITING_BYTES) return undefined
    return new Promise((resolve) => this.#roomWaiters.push(resolve))
  }

  /** Settles when everything handed over so far is stored, or the journal failed. */
  async settled(): Promise<void> {
    while (this.#draining !== undefined) await this.#draining
  }

  /** Deletes rows that the stored snapshot covers, through the batch that ends at `seq`. */
  async fold(seq: number): Promise<void> {
    const { store, session } = this.#start
    const mark = await store.markAt(session, seq)
    if (mark === undefined) return
    await store.fold(session, seq)
    this.#folded = { seq, mark }
    this.#bytes = await store.bytesAfter(session, seq)
  }

  #drain(): void {
    this.#draining ??= this.#appendAll()
  }

  async #appendAll(): Promise<void> {
    // What is handed over in the same turn goes together: a tick comes after all promises that are settled, so after all that an agent has to say just now.
    await new Promise<void>((resolve) => process.nextTick(resolve))
    while (this.#state.kind === 'open') {
      const taken = this.#pending.take()
      if (taken === undefined) break
      const { events, encoded, effects, group } = taken
      const batch = encoded.length === 0 ? undefined : this.#encode(encoded)
      const failure = await this.#store({ session: this.#start.session, fence: this.#start.fence, after: this.#head, batch, effects })
      if (failure !== undefined) {
        group?.reject(failure.error)
        this.#fail(failure)
        break
      }
      if (batch !== undefined) this.#advance(batch, events)
      group?.resolve()
      this.#callRoomWaiters()
    }
    // In the same turn as the last look at what waits: what is handed over from here on begins anew.
    this.#draining = undefined
  }

  #encode(encoded: readonly string[]): Batch {
    const { session, timers } = this.#start
    const from = this.#head + 1
    return encodeBatch({ session, from, to: this.#head + encoded.length, mark: nanoid(10), at: timers.now(), events: encoded })
  }

  #advance(batch: Batch, events: readonly SessionEvent[]): void {
    this.#head = batch.to
    this.#mark = batch.mark
    this.#bytes += batch.frame.length
    this.#runBytes = batch.frame.length + (events.some((event) => event.type === 'RUN_STARTED') ? 0 : this.#runBytes)
    this.tail.push(batch)
    this.#start.onStored(batch, events)
  }

  /** Stores an append, trying again for a while: the same batch with the same mark, so that an answer that got lost does not store it twice. */
  async #store(append: Append): Promise<JournalFailure | undefined> {
    const { store, timers } = this.#start
    const deadline = timers.now() + STORE_PATIENCE_MS
    for (let pauseMs = 100; ; pauseMs = Math.min(pauseMs * 2, 5000)) {
      try {
        const verdict = await store.append(append)
        switch (verdict.kind) {
          case 'stored':
            return undefined
          case 'fenced':
            return { kind: 'fenced', error: new StoreError('failed', 'another node writes this session now') }
          case 'gone':
            return { kind: 'gone', error: new StoreError('failed', 'the session was deleted') }
          case 'conflict':
            return {
              kind: 'fenced',
              error: new StoreError('failed', `the journal's head is ${verdict.head}, not ${append.after}: somebody else wrote`),
            }
          default:
            return verdict satisfies never
        }
      } catch (error) {
        const isClosed = error instanceof StoreError && error.code === 'closed'
        if (isClosed || timers.now() + pauseMs > deadline)
          return { kind: 'store', error: error instanceof Error ? error : new Error(String(error)) }
        await new Promise<void>((resolve) => timers.setTimeout(resolve, pauseMs))
      }
    }
  }

  #fail(failure: JournalFailure): void {
    this.#state = { kind: 'failed', failure }
    for (const group of this.#pending.drop()) group.reject(failure.error)
    this.#callRoomWaiters()
    this.#start.onFailed(failure)
  }

  #callRoomWaiters(): void {
    if (this.#roomWaiters.length === 0 || (this.#state.kind === 'open' && this.#pending.bytes >= WAITING_BYTES)) return
    const waiters = this.#roomWaiters
    this.#roomWaiters = []
    for (const resolve of waiters) resolve()
  }
}
