import assert from 'node:assert/strict'
import type { Append, AppendVerdict, Batch, Effects, NewSession, SessionRecord, Store } from './port.ts'

/** A store as the suite gets it for one test: open and empty. */
export interface StoreUnderTest {
  readonly store: Store
  /** Closes the store and opens it anew on the same data. Needed where the suite is told that the store is durable. */
  readonly reopen?: () => Promise<Store>
  /** Lets the clock that leases run by go on. @default waits as long */
  readonly passTime?: (ms: number) => void | Promise<void>
  /** Clears away what the test left, after the store was closed. */
  readonly dispose?: () => void | Promise<void>
}

/** The rules of one part of the port: what each says, and the test of it. */
export type Rules = Readonly<Record<string, (bench: SuiteBench) => Promise<void>>>

/** What a rule is tested with. */
export class SuiteBench {
  readonly #subject: StoreUnderTest
  #store: Store
  #minted = 0

  constructor(subject: StoreUnderTest) {
    this.#subject = subject
    this.#store = subject.store
  }

  get store(): Store {
    return this.#store
  }

  /** A name that nothing else in this test has; ten characters, so that it may be a mark. */
  mint(): string {
    this.#minted += 1
    return `m${String(this.#minted).padStart(9, '0')}`
  }

  async reopen(): Promise<Store> {
    const { reopen } = this.#subject
    assert.ok(reopen !== undefined, 'a durable store must come with reopen()')
    this.#store = await reopen()
    return this.#store
  }

  async passTime(ms: number): Promise<void> {
    const { passTime } = this.#subject
    if (passTime !== undefined) await passTime(ms)
    else await new Promise((resolve) => setTimeout(resolve, ms))
  }

  /** Creates a session, of owner `ann` at time 1000 unless said otherwise. */
  async session(fields: Partial<NewSession> = {}): Promise<SessionRecord> {
    const { record } = await this.store.create({ id: this.mint(), owner: 'ann', birth: this.mint(), createdAt: 1000, ...fields })
    return record
  }

  /** Takes a session's lease, to append from its head on. */
  async writer(session: string, node = 'node-1'): Promise<SuiteWriter> {
    const lease = await this.store.lease(session, node, 30_000)
    assert.ok(lease !== undefined, 'the lease of a session that nobody writes is given')
    const bounds = await this.store.bounds(session)
    assert.ok(bounds !== undefined, 'a session that exists has bounds')
    return new SuiteWriter(this, session, lease.fence, bounds.head)
  }

  /** Waits until a check passes. */
  async eventually(check: () => void): Promise<void> {
    const deadline = Date.now() + 5000
    for (;;) {
      try {
        check()
        return
      } catch (error) {
        if (Date.now() > deadline) throw error
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    }
  }
}

/** Who appends to a session, as a node would. */
export class SuiteWriter {
  readonly session: string
  readonly fence: number
  readonly #bench: SuiteBench
  #head: number

  constructor(bench: SuiteBench, session: string, fence: number, head: number) {
    this.#bench = bench
    this.session = session
    this.fence = fence
    this.#head = head
  }

  get head(): number {
    return this.#head
  }

  /** A batch of so many events after a seq; its frame says what it is. */
  batch({
    after = this.#head,
    events = 1,
    bytes = 0,
  }: { readonly after?: number; readonly events?: number; readonly bytes?: number } = {}): Batch {
    const from = after + 1
    const to = after + events
    const frame = Buffer.from(`${this.session}:${from}-${to}`.padEnd(bytes, '·').slice(0, bytes === 0 ? undefined : bytes), 'latin1')
    return { from, to, mark: this.#bench.mint(), at: 2000 + to, frame }
  }

  /** Appends as told, whatever comes of it. */
  async append(append: Omit<Append, 'session' | 'fence'> & { readonly fence?: number }): Promise<AppendVerdict> {
    const verdict = await this.#bench.store.append({ session: this.session, fence: this.fence, ...append })
    if (verdict.kind === 'stored' && append.batch !== undefined) this.#head = Math.max(this.#head, append.batch.to)
    return verdict
  }

  /** Appends a batch at the head, which must be stored. */
  async write(shape: { readonly events?: number; readonly bytes?: number; readonly effects?: Effects } = {}): Promise<Batch> {
    const batch = this.batch(shape)
    assert.deepEqual(await this.append({ after: batch.from - 1, batch, effects: shape.effects }), { kind: 'stored' })
    return batch
  }
}
