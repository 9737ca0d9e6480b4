import type { DetachReason } from '@throughline/sdk/protocol'
import type { Agent } from '../agent/contract.ts'
import type { SessionRecord } from '../store/port.ts'
import { openClaims } from './claims.ts'
import { HostedSession, type HostedSessionStart } from './hosted-session.ts'
import { notFound } from './missing-session.ts'
import { Refusal } from './refusal.ts'
import { goRounds } from './rounds.ts'

/** How long a lease lasts without being renewed. */
const LEASE_MS = 30_000

/** How often leases are renewed, and sessions that nobody needs are let go of. */
const ROUND_MS = 10_000

/** How long a session that nobody needs stays in memory: the next request often comes soon. */
const LINGER_MS = 30_000

/** What sessions are loaded with. */
export interface RegistryStart extends Pick<
  HostedSessionStart,
  'store' | 'timers' | 'newId' | 'tail' | 'queueBytes' | 'runMs' | 'onRecord' | 'onRunEnd' | 'onTrouble'
> {
  readonly node: string
  readonly agentOf: (name: string | undefined) => Agent
}

/** The sessions in memory. Each is loaded once, under its lease, and let go of when nobody needs it. */
export class Registry {
  readonly #start: RegistryStart
  /** Sessions in memory, and those that are being loaded. */
  readonly #sessions = new Map<string, Promise<HostedSession>>()
  readonly #loaded = new Map<string, HostedSession>()
  /** Sessions that are being let go of: loading one again waits for that. */
  readonly #leaving = new Map<string, Promise<void>>()
  readonly #claims = openClaims((id) => this.#loaded.has(id))
  readonly #stopRounds: () => void
  #isShut = false

  constructor(start: RegistryStart) {
    this.#start = start
    this.#stopRounds = goRounds(() => this.#goRound(), ROUND_MS, start.timers)
  }

  /** The session, where it is in memory. */
  get(id: string): HostedSession | undefined {
    return this.#loaded.get(id)
  }

  /** The session, where it is in memory or just being loaded. */
  async known(id: string): Promise<HostedSession | undefined> {
    return this.#sessions.get(id)?.catch(() => undefined)
  }

  /** All sessions in memory. */
  all(): readonly HostedSession[] {
    return [...this.#loaded.values()]
  }

  /** The session, loaded where it is not. One that a crash left in the middle of a run is repaired first. */
  open({ id }: SessionRecord): Promise<HostedSession> {
    const known = this.#sessions.get(id)
    if (known !== undefined) return known
    const session = this.#loadNext(id)
    this.#sessions.set(id, session)
    session.catch(() => {
      if (this.#sessions.get(id) === session) this.#sessions.delete(id)
    })
    return session
  }

  /** Answers what a session waits for `cancelled`, since it is about to go. One that cannot be loaded or written is left as it is. */
  async cancel(record: SessionRecord): Promise<void> {
    try {
      const session = await this.open(record)
      await session.stop('host')
    } catch (error) {
      this.#start.onTrouble(`what session ${record.id} waits for could not be answered before it goes`, error)
    }
  }

  /** Lets go of a session for good: nobody gets it again before `remove` is done, and who watches it is told what became of it. */
  async remove(id: string, reason: DetachReason, remove: () => Promise<void>): Promise<void> {
    const session = await this.known(id)
    session?.abandon()
    if (session !== undefined) this.#forget(session)
    const removed = remove()
    this.#leave(id, removed)
    try {
      await removed
      this.#claims.forget(id)
      session?.end(reason)
    } catch (error) {
      session?.end('store')
      throw error
    }
  }

  /** Loads nothing any more. Settles when what was being loaded is in memory; everything in memory is quiet then. */
  async shut(): Promise<void> {
    this.#isShut = true
    this.#stopRounds()
    for (const session of this.all()) session.quiet()
    await Promise.allSettled(this.#sessions.values())
    for (const session of this.all()) session.quiet()
  }

  /** Marks the runs under way interrupted, stores what is not stored yet, and lets go of everything. */
  async close(): Promise<void> {
    await Promise.all(this.all().map((session) => this.#interrupt(session)))
    for (const session of this.all()) this.#unload(session)
    await Promise.all(this.#leaving.values())
  }

  async #loadNext(id: string): Promise<HostedSession> {
    await this.#leaving.get(id)
    return this.#load(id)
  }

  async #load(id: string): Promise<HostedSession> {
    if (this.#isShut) throw new Refusal('unavailable', 'the server is going down: try again', { retryMs: 1000 })
    const { store, node, agentOf, timers } = this.#start
    const lease = await store.lease(id, node, LEASE_MS)
    // Looked up under the lease: what was found before may have changed since.
    const found = await store.find(id)
    const bounds = await store.bounds(id)
    if (found.kind !== 'found' || bounds === undefined) throw notFound(id)
    if (lease === undefined) throw new Refusal('unavailable', 'another node has this session: try again', { retryMs: 1000 })
    const { record } = found
    const session: HostedSession = new HostedSession({
      ...this.#start,
      timers,
      record,
      bounds,
      fence: lease.fence,
      agent: agentOf(record.agent),
      claims: this.#claims,
      onFailed: () => this.#forget(session),
    })
    if (record.status !== 'idle') await session.recover()
    if (session.isOver) throw new Refusal('unavailable', 'the session cannot be written now: try again', { retryMs: 1000 })
    this.#loaded.set(id, session)
    return session
  }

  async #interrupt(session: HostedSession): Promise<void> {
    try {
      await session.interrupt()
    } catch (error) {
      this.#start.onTrouble(`the run of session ${session.id} could not be marked interrupted; that happens at the next start`, error)
    }
  }

  /** Forgets a session, and no other that has its id by now. */
  #forget(session: HostedSession): void {
    if (this.#loaded.get(session.id) !== session) return
    this.#sessions.delete(session.id)
    this.#loaded.delete(session.id)
  }

  #unload(session: HostedSession): void {
    this.#forget(session)
    this.#leave(session.id, this.#putAway(session))
  }

  #leave(id: string, leaving: Promise<void>): void {
    const left: Promise<void> = Promise.allSettled([this.#leaving.get(id), leaving]).then(() => {
      if (this.#leaving.get(id) === left) this.#leaving.delete(id)
    })
    this.#leaving.set(id, left)
  }

  async #putAway(session: HostedSession): Promise<void> {
    const { store, node, onTrouble } = this.#start
    try {
      await session.flush()
      session.abandon()
      await store.release(session.id, node)
    } catch (error) {
      onTrouble(`session ${session.id} could not be put away whole`, error)
    } finally {
      // Who watches it still, since the server goes down, comes back.
      session.end('store')
    }
  }

  async #goRound(): Promise<void> {
    const { store, node, timers } = this.#start
    for (const session of this.all()) {
      // While others were looked at it may have been let go of.
      if (this.#loaded.get(session.id) !== session) continue
      try {
        const isIdle = !session.isInUse && timers.now() - session.touchedAt > LINGER_MS
        if (isIdle) this.#unload(session)
        else if ((await store.lease(session.id, node, LEASE_MS)) === undefined) {
          session.end('store')
          this.#forget(session)
        }
      } catch (error) {
        this.#start.onTrouble(`session ${session.id} could not keep its lease`, error)
      }
    }
  }
}
