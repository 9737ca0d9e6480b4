import { nanoid } from 'nanoid'
import type { SessionEntry, SessionStatus } from '@throughline/sdk/protocol'
import type { Layout, SessionRecord, Store } from '../store/port.ts'
import type { Timers } from '../timers.ts'
import type { Directory } from './directory.ts'
import { Refusal } from './refusal.ts'
import { judgeAge, type Retention } from './sweep-verdict.ts'

/** What a new session may be given. */
export interface SessionWish {
  /** The app's own name for it: creating it again gives the same session. */
  readonly key?: string | undefined
  readonly title?: string | undefined
  readonly agent?: string | undefined
}

/** What may be changed of a session. */
export interface SessionChange {
  readonly title?: string | undefined
  /** `false` closes it: it leaves the layout, and what runs is stopped. */
  readonly open?: boolean | undefined
  readonly position?: number | undefined
  readonly settings?: unknown
}

/** Which sessions to list. */
export interface SessionQuery {
  readonly open?: boolean | undefined
  readonly status?: SessionStatus | undefined
  /** Only sessions that were last used before this time, in milliseconds since the epoch. */
  readonly before?: number | undefined
  /** @default 50, at most 200 */
  readonly limit?: number | undefined
}

/** What a catalogue works with. */
export interface CatalogueStart {
  readonly store: Store
  readonly directory: Directory
  readonly timers: Timers
  readonly newId: () => string
  readonly retention: Retention
  /** The names of the agents; the first is a session's unless it names another. */
  readonly agents: readonly [string, ...string[]]
  /** A session that is in memory, whose row may be newer than the stored one. */
  readonly loaded: (session: string) => { readonly record: SessionRecord; readonly isInUse: boolean } | undefined
  /** The session is about to be removed: whoever watches it is told. */
  readonly onRemoving: (session: string, reason: 'deleted' | 'expired') => void
}

const NEWEST = 50
const MOST = 200
const LONGEST_TITLE = 200

/** The sessions as lists show them. A session of another principal is refused like one that does not exist. */
export class Catalogue {
  readonly #start: CatalogueStart

  constructor(start: CatalogueStart) {
    this.#start = start
  }

  /** Creates a session, or gives the principal's session of that key. */
  async create(principal: string, wish: SessionWish): Promise<{ readonly created: boolean; readonly session: SessionEntry }> {
    const { store, directory, timers, newId, agents } = this.#start
    const { key, title, agent = agents[0] } = wish
    refuseLongTitle(title)
    if (!agents.includes(agent)) throw new Refusal('invalid', `there is no agent ${agent}; there are ${agents.join(', ')}`)
    const { created, record } = await store.create({
      id: `ses_${newId()}`,
      owner: principal,
      birth: nanoid(10),
      createdAt: timers.now(),
      agent,
      ...(key !== undefined && { key }),
      ...(title !== undefined && { title }),
    })
    const session = await this.entryOf(principal, record)
    if (created) directory.changed(principal, session)
    return { created, session }
  }

  /** The session's row, where the principal may see it. One that is older than it may become goes now. */
  async find(principal: string, id: string): Promise<SessionRecord> {
    const { store, timers, retention } = this.#start
    const loaded = this.#start.loaded(id)
    if (loaded !== undefined && loaded.record.owner === principal) return loaded.record
    const found = await store.find(id)
    if (found.kind === 'unknown') throw notFound(id)
    if ((found.kind === 'expired' ? found.owner : found.record.owner) !== principal) throw notFound(id)
    if (found.kind === 'expired') throw expired(id)
    const open = (await store.layout(id, principal))?.open ?? true
    if (judgeAge(found.record, { open, inUse: false, now: timers.now() }, retention) === 'keep') return found.record
    await this.expire(id, principal)
    throw expired(id)
  }

  /** The principal's sessions, newest first. */
  async list(principal: string, { limit = NEWEST, ...filter }: SessionQuery): Promise<readonly SessionEntry[]> {
    const listed = await this.#start.store.list({ owner: principal, ...filter, limit: Math.min(limit, MOST) })
    return listed.map(({ record, layout }) => toEntry(record, layout))
  }

  /** What a directory begins with: all open sessions and the newest others. */
  async overview(principal: string): Promise<readonly SessionEntry[]> {
    const [open, newest] = await Promise.all([this.list(principal, { open: true, limit: MOST }), this.list(principal, {})])
    return [...new Map([...open, ...newest].map((entry) => [entry.id, entry])).values()]
  }

  /** One session, as its principal sees it. */
  async entryOf(principal: string, record: SessionRecord): Promise<SessionEntry> {
    return toEntry(record, (await this.#start.store.layout(record.id, principal)) ?? defaultLayout(record))
  }

  /** Changes a session's title, or its place in the principal's layout. */
  async update(principal: string, record: SessionRecord, change: SessionChange): Promise<SessionEntry> {
    const { store, directory } = this.#start
    const { title } = change
    refuseLongTitle(title)
    if (title !== undefined) await store.change(record.id, { title })
    if (change.open !== undefined || change.position !== undefined || change.settings !== undefined) {
      const layout = (await store.layout(record.id, principal)) ?? defaultLayout(record)
      const { open = layout.open, position = layout.position, settings = layout.settings } = change
      await store.setLayout(record.id, principal, { open, position, ...(settings !== undefined && { settings }) })
    }
    const entry = await this.entryOf(principal, { ...record, ...(title !== undefined && { title }) })
    directory.changed(principal, entry)
    return entry
  }

  /** Removes a session with everything that belongs to it. */
  async delete(session: string, owner: string): Promise<void> {
    this.#start.onRemoving(session, 'deleted')
    await this.#start.store.remove(session)
    this.#start.directory.gone(owner, session)
  }

  /** Removes a session that is too old; its id answers `session_expired` for a while. */
  async expire(session: string, owner: string): Promise<void> {
    this.#start.onRemoving(session, 'expired')
    await this.#start.store.remove(session, this.#start.timers.now())
    this.#start.directory.gone(owner, session)
  }
}

/** The refusal of a session that does not exist, or that somebody else has. */
export function notFound(id: string): Refusal {
  return new Refusal('session_not_found', `there is no session ${id.slice(0, 64)}`)
}

function expired(id: string): Refusal {
  return new Refusal('session_expired', `session ${id} is gone: nothing happened in it for longer than it is kept`)
}

function refuseLongTitle(title: string | undefined): void {
  if (title !== undefined && title.length > LONGEST_TITLE) throw new Refusal('too_large', `a title has at most ${LONGEST_TITLE} characters`)
}

function defaultLayout(record: SessionRecord): Layout {
  return { open: true, position: record.createdAt }
}

function toEntry(record: SessionRecord, { open, position, settings }: Layout): SessionEntry {
  const { id, key, title, agent, status, last, createdAt, updatedAt } = record
  return {
    id,
    status,
    open,
    position,
    createdAt,
    updatedAt,
    ...(key !== undefined && { key }),
    ...(title !== undefined && { title }),
    ...(agent !== undefined && { agent }),
    ...(last !== undefined && { last }),
    ...(settings !== undefined && { settings }),
  }
}
