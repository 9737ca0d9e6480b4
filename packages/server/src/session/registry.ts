import type { Agent } from '../agent/contract.ts'
import type { SessionRecord } from '../store/port.ts'
import { HostedSession, type HostedSessionStart } from './hosted-session.ts'
import { Refusal } from './refusal.ts'

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
  readonly #sessions = new Map<string, Promise<HostedSession>>()
  readonly #loaded = new Map<string, HostedSession>()
  /** Sessions that are being let go of: loading one again waits for that. */
  readonly #leaving = new Map<string, Promise<void>>()
  #round: unknown

  constructor(start: RegistryStart) {
    this.#start = start
    this.#scheduleRound()
  }

  /** The session, where it is in memory. */
  get(id: string): HostedSession | undefined {
    return this.#loaded.get(id)
  }

  /** All sessions in memory. */
  all(): readonly HostedSession[] {
    return [...this.#loaded.values()]
  }

  /** The session, loaded where it is not. One that a crash left in the middle of a run is repaired first. */
  open(record: SessionRecord): Promise<HostedSession> {
    const known = this.#sessions.get(record.id)
    if (known !== undefined) return known
    const leaving = this.#leaving.get(record.id)
    const session = leaving === undefined ? this.#load(record) : leaving.then(() => this.#load(record))
    this.#sessions.set(record.id, session)
    session.catch(() => this.#forget(record.id, session))
    return session
  }

  /** Lets go of a session without writing anything: it is gone, or written elsewhere. */
  drop(id: string): void {
    this.#loaded.get(id)?.dispose()
    this.#forget(id, this.#sessions.get(id))
  }

  /** Stores what is not stored yet, and lets go of everything. */
  async close(): Promise<void> {
    this.#start.timers.clearTimeout(this.#round)
    await Promise.all(this.all().map((session) => this.#unload(session)))
  }

  async #load(record: SessionRecord): Promise<HostedSession> {
    const { store, node, agentOf, timers } = this.#start
    const lease = await store.lease(record.id, node, LEASE_MS)
    if (lease === undefined) throw new Refusal('unavailable', 'another node has this session: try again', { retryMs: 1000 })
    const bounds = await store.bounds(record.id)
    if (bounds === undefined) throw new Refusal('session_not_found', `there is no session ${record.id}`)
    const session = new HostedSession({
      ...this.#start,
      timers,
      record,
      bounds,
      fence: lease.fence,
      agent: agentOf(record.agent),
      onFailed: () => this.#forget(record.id, this.#sessions.get(record.id)),
    })
    if (record.status !== 'idle') await session.recover()
    this.#loaded.set(record.id, session)
    return session
  }

  #forget(id: string, session: Promise<HostedSession> | undefined): void {
    if (this.#sessions.get(id) !== session) return
    this.#sessions.delete(id)
    this.#loaded.delete(id)
  }

  #unload(session: HostedSession): Promise<void> {
    this.#forget(session.id, this.#sessions.get(session.id))
    const left = this.#leave(session).finally(() => this.#leaving.delete(session.id))
    this.#leaving.set(session.id, left)
    return left
  }

  async #leave(session: HostedSession): Promise<void> {
    const { store, node, onTrouble } = this.#start
    try {
      await session.flush()
      session.dispose()
      await store.release(session.id, node)
    } catch (error) {
      session.dispose()
      onTrouble(`session ${session.id} could not be put away whole`, error)
    }
  }

  #scheduleRound(): void {
    this.#round = this.#start.timers.setTimeout(() => void this.#goRound(), ROUND_MS)
  }

  async #goRound(): Promise<void> {
    const { store, node, timers } = this.#start
    for (const session of this.all()) {
      try {
        const isIdle = !session.isInUse && timers.now() - session.touchedAt > LINGER_MS
        if (isIdle) await this.#unload(session)
        else if ((await store.lease(session.id, node, LEASE_MS)) === undefined) {
          session.detachAll('store')
          this.drop(session.id)
        }
      } catch (error) {
        this.#start.onTrouble(`session ${session.id} could not keep its lease`, error)
      }
    }
    this.#scheduleRound()
  }
}
