import { nanoid } from 'nanoid'
import type { SessionEntry, SessionStatus } from '@throughline/sdk/protocol'
import type { SessionRecord, Store } from '../store/port.ts'
import type { Timers } from '../timers.ts'
import { placeAfter, readPlace } from './list-place.ts'
import { expired, notFound } from './missing-session.ts'
import { Refusal } from './refusal.ts'
import { entryOf, firstLayout } from './session-entry.ts'
import type { SessionNews } from './session-news.ts'
import { judgeAge, type Retention } from './sweep-verdict.ts'
import { takeTurns } from './turns.ts'

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
  /** Only what comes after an earlier page, whose `next` this is; or what was last used before a time, in milliseconds since the epoch. */
  readonly before?: string | undefined
  /** @default 50, at most 200 */
  readonly limit?: number | undefined
}

/** A page of a list of sessions, newest first. */
export interface SessionPage {
  readonly sessions: readonly SessionEntry[]
  /** Where the next page goes on; absent where there is none. */
  readonly next?: string
}

/** What a catalogue works with. */
export interface CatalogueStart {
  readonly store: Store
  readonly news: SessionNews
  readonly timers: Timers
  readonly newId: () => string
  readonly retention: Retention
  /** The names of the agents; the first is a session's unless it names another. */
  readonly agents: readonly [string, ...string[]]
  /** A session that is in memory, whose row may be newer than the stored one. */
  readonly loaded: (session: string) => { readonly record: SessionRecord } | undefined
  /** Lets go of a session, and removes it. */
  readonly letGo: (session: string, remove: () => Promise<void>) => Promise<void>
  /** Lets go of a session that is too old, and removes it, unless somebody uses it; answers whether it is gone. */
  readonly retire: (session: string, isTooOld: (record: SessionRecord) => boolean, remove: () => Promise<void>) => Promise<boolean>
}

const NEWEST = 50
const MOST = 200
const LONGEST_TITLE = 200
const LARGEST_SETTINGS = 16 * 1024

/** The sessions as lists show them. A session of another principal is refused like one that does not exist. */
export class Catalogue {
  readonly #start: CatalogueStart
  /** A layout is read, changed and written: one after the other. */
  readonly #layoutTurns = takeTurns()

  constructor(start: CatalogueStart) {
    this.#start = start
  }

  /** Creates a session, or gives the principal's session of that key, unless that is older than it may become. */
  async create(principal: string, wish: SessionWish): Promise<{ readonly created: boolean; readonly session: SessionEntry }> {
    const { store, news, timers, newId, agents } = this.#start
    const { key, title, agent = agents[0] } = wish
    refuseLarge({ title })
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
    if (!created && (await this.#isExpired(record))) return this.create(principal, wish)
    if (created) news.changed(record)
    return { created, session: await this.entryOf(principal, record) }
  }

  /** The session's row, where the principal may see it. One that is older than it may become goes now. */
  async find(principal: string, id: string): Promise<SessionRecord> {
    const loaded = this.#start.loaded(id)
    if (loaded !== undefined && loaded.record.owner === principal) return loaded.record
    const found = await this.#start.store.find(id)
    if (found.kind === 'unknown') throw notFound(id)
    if ((found.kind === 'expired' ? found.owner : found.record.owner) !== principal) throw notFound(id)
    if (found.kind === 'expired') throw expired(id)
    if (await this.#isExpired(found.record)) throw expired(id)
    return found.record
  }

  /** The principal's sessions, newest first. */
  async list(principal: string, { open, status, before, limit = NEWEST }: SessionQuery): Promise<SessionPage> {
    const most = Math.min(limit, MOST)
    const place = before === undefined ? undefined : readPlace(before)
    const listed = await this.#start.store.list({ owner: principal, open, status, before: place, limit: most + 1 })
    const page = listed.slice(0, most)
    const last = listed.length > most ? page.at(-1) : undefined
    return {
      sessions: page.map(({ record, layout }) => entryOf(record, layout)),
      ...(last !== undefined && { next: placeAfter(last.record) }),
    }
  }

  /** What a directory begins with: all open sessions and the newest others. */
  async overview(principal: string): Promise<readonly SessionEntry[]> {
    const pages: SessionPage[] = []
    let next: string | undefined
    do {
      const page = await this.list(principal, { open: true, limit: MOST, before: next })
      pages.push(page)
      next = page.next
    } while (next !== undefined)
    // Last, since what changed meanwhile is among the newest now, be it on a page that was read.
    pages.push(await this.list(principal, { limit: NEWEST }))
    return [...new Map(pages.flatMap(({ sessions }) => sessions).map((entry) => [entry.id, entry])).values()]
  }

  /** One session, as its principal sees it. */
  async entryOf(principal: string, record: SessionRecord): Promise<SessionEntry> {
    return entryOf(record, await this.#start.store.layout(record.id, principal))
  }

  /** Changes a session's place in the principal's layout. */
  place(principal: string, record: SessionRecord, change: Omit<SessionChange, 'title'>): Promise<void> {
    return this.#layoutTurns(async () => {
      const { store } = this.#start
      const layout = (await store.layout(record.id, principal)) ?? firstLayout(record)
      const { open = layout.open, position = layout.position, settings = layout.settings } = change
      await store.setLayout(record.id, principal, { open, position, ...(settings !== undefined && { settings }) })
    })
  }

  /** Removes a session with everything that belongs to it. */
  async delete(session: string, owner: string): Promise<void> {
    const { store, news, letGo } = this.#start
    await letGo(session, () => store.remove(session))
    news.gone(owner, session)
  }

  /** Removes a session where it is too old and nobody uses it, and answers whether it is gone. Its id answers `session_expired` for a while. */
  async expire({ id, owner }: SessionRecord, open: boolean): Promise<boolean> {
    const { store, news, retire, retention, timers } = this.#start
    const now = timers.now()
    const isTooOld = (record: SessionRecord) => judgeAge(record, { open, now }, retention) === 'expire'
    const isGone = await retire(id, isTooOld, () => store.remove(id, now))
    if (isGone) news.gone(owner, id)
    return isGone
  }

  /** Whether a session is too old. It goes then. */
  async #isExpired(record: SessionRecord): Promise<boolean> {
    const { store, timers, retention, loaded } = this.#start
    if (loaded(record.id) !== undefined) return false
    const { open } = (await store.layout(record.id, record.owner)) ?? firstLayout(record)
    return judgeAge(record, { open, now: timers.now() }, retention) === 'expire' && this.expire(record, open)
  }
}

/** @throws Refusal `too_large`: what lists hold of each session must stay small. */
export function refuseLarge({ title, settings }: Pick<SessionChange, 'title' | 'settings'>): void {
  if (title !== undefined && title.length > LONGEST_TITLE) throw new Refusal('too_large', `a title has at most ${LONGEST_TITLE} characters`)
  if (Buffer.byteLength(JSON.stringify(settings) ?? '') > LARGEST_SETTINGS)
    throw new Refusal('too_large', `the settings of a session have at most ${LARGEST_SETTINGS} bytes`)
}
