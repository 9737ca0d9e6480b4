import type { DetachReason } from '@throughline/sdk/protocol'
import type { Agent } from '../agent/contract.ts'
import type { SessionRecord } from '../store/port.ts'
import { openClaims } from './claims.ts'
import { HostedSession, type HostedSessionStart } from './hosted-session.ts'
import { expired, notFound } from './missing-session.ts'
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

  /** Removes a session: nobody gets it before that is done, and who watches it is told what became of it. */
  async remove(id: string, remove: () => Promise<void>): Promise<void> {
    const session = await this.known(id)
    if (session !== undefined) this.#forget(session)
    const removed = this.#erase(id, session, 'deleted', remove)
    this.#leave(id, removed)
    await removed
  }

  /**
   * Removes a session that is too old, unless somebody uses it; what it waits for is answered `cancelled` first. Answers whether it is gone. From the
   * moment that this is judged nobody gets it: what was accepted after that would be lost.
   */
  async retire(id: string, isTooOld: (record: SessionRecord) => boolean, remove: () => Promise<void>): Promise<boolean> {
    const session = this.#loaded.get(id)
    // Somebody waits for one that is just being loaded.
    const isUsed = session === undefined ? this.#sessions.has(id) : session.isAttended || !isTooOld(session.record)
    if (isUsed) return false
    session?.retire()
    if (session !== undefined) this.#forget(session)
    const retired = this.#retire(id, session, isTooOld, remove)
    this.#leave(id, retired)
    return retired
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
    const session = await this.#load(id)
    if (session.isOver) throw new Refusal('unavailable', 'the session cannot be written now: try again', { retryMs: 1000 })
    this.#loaded.set(id, session)
    return session
  }

  async #load(id: string): Promise<HostedSession> {
    if (this.#isShut) throw new Refusal('unavailable', 'the server is going down: try again', { retryMs: 1000 })
    const { store, node, agentOf, timers } = this.#start
    const lease = await store.lease(id, node, LEASE_MS)
    // Looked up under the lease: what was found before may have changed since.
    const found = await store.find(id)
    const bounds = await store.bounds(id)
    if (found.kind === 'expired') throw expired(id)
    if (found.kind === 'unknown' || bounds === undefined) throw notFound(id)
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
    return session
  }

  async #retire(
    id: string,
    loaded: HostedSession | undefined,
    isTooOld: (record: SessionRecord) => boolean,
    remove: () => Promise<void>,
  ): Promise<boolean> {
    await this.#leaving.get(id)
    // Read only now that nobody can get it: until here it may have been used.
    const record = loaded?.record ?? (await this.#recordOf(id))
    if (record === undefined) return true
    if (!isTooOld(record)) return false
    const session = record.status === 'waiting' ? await this.#cancel(id, loaded) : loaded
    await this.#erase(id, session, 'expired', remove)
    return true
  }

  async #recordOf(id: string): Promise<SessionRecord | undefined> {
    const found = await this.#start.store.find(id)
    return found.kind === 'found' ? found.record : undefined
  }

  /** Answers what a session waits for `cancelled`. It goes also where it cannot be loaded or written any more. */
  async #cancel(id: string, loaded: HostedSession | undefined): Promise<HostedSession | undefined> {
    let session = loaded
    try {
      session ??= await this.#load(id)
      await session.stop('host')
    } catch (error) {
      this.#start.onTrouble(`what session ${id} waits for could not be answered before it goes`, error)
    }
    return session
  }

  async #erase(id: string, session: HostedSession | undefined, reason: DetachReason, remove: () => Promise<void>): Promise<void> {
    session?.abandon()
    try {
      await remove()
      this.#claims.forget(id)
      session?.end(reason)
    } catch (error) {
      session?.end('store')
      throw error
    }
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

  #leave(id: string, leaving: Promise<unknown>): void {
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
