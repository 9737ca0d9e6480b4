import type { Client } from '../client.ts'
import type { Timers } from '../clock.ts'
import { SessionError } from '../errors.ts'
import { createListeners, reportUncaught } from '../listeners.ts'
import type { SessionEntry } from '../protocol/index.ts'
import type { Session } from '../session/session.ts'
import { badgeOf } from './badge-of.ts'
import { keepDrafts, type Drafts } from './drafts.ts'
import { createEntries, type Entries } from './entries.ts'
import { followSessions, type Followed } from './followed.ts'
import type { LayoutSession, LayoutState } from './layout-state.ts'
import { repositioned } from './repositioned.ts'
import { rowOf } from './row-of.ts'
import { noteSeenRuns, type SeenRuns } from './seen-runs.ts'

/** How to open a layout. */
export interface LayoutOptions {
  /**
   * The session that is active at first, as the page's address has it: which session a page shows is its own, and other tabs change nothing
   * about it. @default the one that was active last in this browser, else the first
   */
  readonly active?: string | undefined
  /** After how many milliseconds a session that is not active is no longer watched; it keeps what it shows. @default 300_000 */
  readonly idleMs?: number | undefined
  /** @default the platform's */
  readonly timers?: Timers | undefined
}

/** Opens the layout of the client's user: its open sessions in order, one of them active. Begins to watch the directory. */
export function openLayout(client: Client, options: LayoutOptions = {}): Layout {
  return new Layout(client, options)
}

/** What is kept of a layout for the next page. */
interface Kept {
  readonly active?: string
  readonly entries: readonly SessionEntry[]
}

const IDLE_MS = 300_000
const KEPT = 'layout'

/**
 * The open sessions of a user as tabs or a side bar show them. Order, settings and what is open are the server's, so that all devices agree; what is
 * active and what is typed are this browser's.
 */
export class Layout {
  readonly #client: Client
  readonly #listeners = createListeners<{ change: [] }>(reportUncaught)
  readonly #entries: Entries
  readonly #drafts: Drafts
  readonly #seen: SeenRuns
  readonly #followed: Followed
  readonly #stopListening: readonly (() => void)[]
  /** Another one for each user, and after the end: what comes late for an earlier one is left. */
  #era = {}
  #status: LayoutState['status'] = 'loading'
  #active: string | undefined
  #kept = ''
  #rows = new Map<string, LayoutSession>()
  #state: LayoutState | undefined

  /** Layouts are made by {@link openLayout}. */
  constructor(client: Client, { active, idleMs = IDLE_MS, timers = globalThis }: LayoutOptions) {
    this.#client = client
    this.#active = active
    this.#entries = createEntries(() => this.#changed())
    this.#drafts = keepDrafts(client, timers)
    this.#seen = noteSeenRuns(client)
    this.#followed = followSessions(client, timers, idleMs)
    let { principal } = client
    this.#stopListening = [
      client.on('directory', (directory) => directory && this.#take(directory)),
      client.on('closed', (id) => this.#closed(id)),
      client.on('principal', (next) => {
        if (principal !== undefined) this.#begin()
        principal = next
      }),
    ]
    client.watch()
    if (active !== undefined) this.#followed.follow(active)
    void this.#recall()
    if (client.directory) this.#take(client.directory)
  }

  /** What a view needs. Immutable, and the same object until something changes. */
  get state(): LayoutState {
    return (this.#state ??= this.#view())
  }

  /** The state, as a function that can be passed on, e.g. to React's useSyncExternalStore. */
  readonly getState = (): LayoutState => this.state

  /** Calls back after each change; what comes back stops it. */
  readonly subscribe = (listener: () => void): (() => void) => this.#listeners.on('change', listener)

  /** Shows a session: at once what is known of it, then what is new. The one that was active before is no longer watched after a while. */
  activate(id: string): Session {
    const before = this.#active
    this.#active = id
    if (before !== undefined && before !== id) this.#followed.rest(before)
    const session = this.#followed.follow(id)
    this.#changed()
    return session
  }

  /** Puts a session at the end of the layout, on all devices, and shows it. Rejects with `unreachable` while the server cannot be reached. */
  async open(id: string): Promise<Session> {
    const last = this.#entries.open().findLast((entry) => entry.id !== id)
    const era = this.#era
    const entry = await this.#client.update(id, { open: true, position: (last?.position ?? 0) + 1 })
    if (era !== this.#era) throw new SessionError('closed', 'the layout was let go of, or has begun anew for another user, meanwhile')
    this.#entries.set(entry)
    return this.activate(id)
  }

  /** Closes a session on all devices: what runs in it is stopped. Rejects with `unreachable` while the server cannot be reached; then it is still there. */
  async close(id: string): Promise<void> {
    const era = this.#era
    const wasActive = this.state.active === id
    const next = this.#neighbour(id)
    const closed = this.#entries.wish(id, { open: false }, this.#client.update(id, { open: false }))
    if (wasActive && next !== undefined) this.activate(next)
    try {
      await closed
    } catch (error) {
      if (wasActive && era === this.#era) this.activate(id)
      throw error
    }
    if (era === this.#era) this.#closed(id)
  }

  /** Moves a session to an index of the order, on all devices. */
  async move(id: string, index: number): Promise<void> {
    const changes = repositioned(this.#entries.open(), id, index)
    await Promise.all(changes.map((change) => this.#wish(change.id, { position: change.position })))
  }

  /** Gives a session another title, on all devices. */
  async rename(id: string, title: string): Promise<void> {
    await this.#wish(id, { title })
  }

  /** Changes the app's settings of a session, on all devices. */
  async setSettings(id: string, settings: unknown): Promise<void> {
    await this.#wish(id, { settings })
  }

  /** Keeps what is typed in a session, also over a reload. The empty text forgets it. */
  setDraft(id: string, text: string): void {
    this.#drafts.set(id, text)
    this.#tell()
  }

  /** Lets go of the sessions it shows, of its timers and listeners. The client stays. */
  dispose(): void {
    this.#era = {}
    for (const stop of this.#stopListening) stop()
    this.#drafts.flush()
    this.#listeners.clear()
    this.#followed.letAllGo()
  }

  /** Begins anew, for another user. */
  #begin(): void {
    this.#era = {}
    this.#entries.clear()
    this.#drafts.clear()
    this.#seen.clear()
    this.#followed.letAllGo()
    this.#active = undefined
    this.#status = 'loading'
    this.#kept = ''
    this.#changed()
    void this.#recall()
  }

  /** Shows what was kept by an earlier page, unless the server was faster. */
  async #recall(): Promise<void> {
    const era = this.#era
    const kept = (await this.#client.recall(KEPT)) as Kept | undefined
    if (!kept || era !== this.#era) return
    this.#active ??= kept.active
    if (this.#status === 'loading') for (const entry of kept.entries) this.#entries.set(entry)
    this.#showActive()
  }

  #take(directory: readonly SessionEntry[]): void {
    if (this.#status === 'loading') this.#entries.clear()
    this.#status = 'ready'
    this.#entries.take(directory)
    this.#showActive()
  }

  /** Something is looked at, as long as anything is open. */
  #showActive(): void {
    this.#changed()
    const { active } = this.state
    if (active !== undefined && !this.#followed.get(active)) this.activate(active)
  }

  #wish(id: string, change: { readonly position?: number; readonly title?: string; readonly settings?: unknown }): Promise<void> {
    return this.#entries.wish(id, change, this.#client.update(id, change))
  }

  #closed(id: string): void {
    const next = this.#neighbour(id)
    this.#entries.delete(id)
    this.#followed.letGo(id)
    if (this.#active !== id) return this.#changed()
    this.#active = undefined
    if (next === undefined) this.#changed()
    else this.activate(next)
  }

  /** The one that is looked at when this one is gone: the next, or the last. */
  #neighbour(id: string): string | undefined {
    const order = this.state.sessions.map((session) => session.id)
    return order[order.indexOf(id) + 1] ?? order.findLast((other) => other !== id)
  }

  #changed(): void {
    this.#state = undefined
    const open = this.#entries.open()
    for (const entry of open) if (this.#seen.meet(entry, entry.id === this.#active)) void this.#readKept(entry.id)
    this.#keep(open)
    this.#listeners.emit('change')
  }

  /** As `changed`, where nothing of the list did. */
  #tell(): void {
    this.#state = undefined
    this.#listeners.emit('change')
  }

  async #readKept(id: string): Promise<void> {
    const found = await Promise.all([this.#seen.load(id, () => id === this.#active), this.#drafts.load(id)])
    if (found.includes(true)) this.#tell()
  }

  /** Keeps the list for the next page, which has it before the server answers. */
  #keep(entries: readonly SessionEntry[]): void {
    if (this.#status === 'loading') return
    const kept: Kept = { entries, ...(this.#active !== undefined && { active: this.#active }) }
    const text = JSON.stringify(kept)
    if (text !== this.#kept) void this.#client.remember(KEPT, kept)
    this.#kept = text
  }

  #view(): LayoutState {
    const sessions = this.#entries.open().map((entry) => this.#row(entry))
    this.#rows = new Map(sessions.map((row) => [row.id, row]))
    const active = sessions.find(({ id }) => id === this.#active)?.id ?? sessions[0]?.id
    return { status: this.#status, sessions, ...(active !== undefined && { active }) }
  }

  #row(entry: SessionEntry): LayoutSession {
    const { id, last } = entry
    const badge = badgeOf(entry, id === this.#active ? last?.run : this.#seen.of(id))
    return rowOf(entry, { badge, draft: this.#drafts.of(id), session: this.#followed.get(id) }, this.#rows.get(id))
  }
}
