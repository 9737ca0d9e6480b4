import type { Client } from '@throughline/sdk'
import type { SessionEntry } from '@throughline/sdk/protocol'
import { openInOrder, positionAfterMove } from './positions.ts'

/** What is known of the sessions of this layout. A list that could not be loaded is not an empty one. */
export type OpenSessionsState =
  | { readonly kind: 'loading' }
  | { readonly kind: 'failed'; readonly error: unknown }
  | { readonly kind: 'ready'; readonly open: readonly SessionEntry[]; readonly others: readonly SessionEntry[] }

/** The sessions of this layout: loaded as a list, kept up to date by the directory, changed at once where this page changes them. */
export class OpenSessions {
  readonly #client: Client
  readonly #changed: () => void
  #stops: readonly (() => void)[] = []
  readonly #entries = new Map<string, SessionEntry>()
  // Only what the directory once named can be gone from it: the list may be ahead.
  readonly #named = new Set<string>()
  #listed: { readonly kind: 'loading' | 'loaded' } | { readonly kind: 'failed'; readonly error: unknown } = { kind: 'loading' }
  // What this page did and the directory does not say yet.
  readonly #ahead = new Map<string, Partial<SessionEntry>>()

  constructor(client: Client, changed: () => void) {
    this.#client = client
    this.#changed = changed
  }

  /** Begins to follow the server's list, until `dispose`. */
  follow(): void {
    const client = this.#client
    this.#stops = [
      client.on('directory', () => this.#readDirectory()),
      client.on('state', () => {
        if (client.state.status === 'live' && this.#listed.kind === 'failed') void this.load()
      }),
    ]
    client.watch()
    void this.load()
  }

  get state(): OpenSessionsState {
    if (this.#listed.kind !== 'loaded' && this.#entries.size === 0)
      return this.#listed.kind === 'failed' ? this.#listed : { kind: 'loading' }
    const entries = [...this.#entries.values()].map((entry) => ({ ...entry, ...this.#ahead.get(entry.id) }))
    const others = entries.filter((entry) => !entry.open).toSorted((a, b) => b.updatedAt - a.updatedAt)
    return { kind: 'ready', open: openInOrder(entries), others }
  }

  /** Loads the list, or loads it again. It never throws: what went wrong is the state. */
  async load(): Promise<void> {
    this.#listed = { kind: 'loading' }
    this.#changed()
    try {
      for (const entry of await this.#client.sessions({ open: true })) this.#learn(entry)
      this.#listed = { kind: 'loaded' }
    } catch (error) {
      this.#listed = { kind: 'failed', error }
    }
    this.#changed()
  }

  async create(): Promise<string> {
    const session = await this.#client.create()
    const last = Math.max(0, ...[...this.#entries.values()].map((entry) => entry.position))
    const now = Date.now()
    this.#learn({ id: session.id, status: 'idle', open: true, position: last + 1, createdAt: now, updatedAt: now })
    this.#changed()
    return session.id
  }

  rename(id: string, title: string): Promise<void> {
    return this.#change(id, { title })
  }

  close(id: string): Promise<void> {
    return this.#change(id, { open: false })
  }

  async reopen(id: string): Promise<void> {
    const state = this.state
    const last = state.kind === 'ready' ? (state.open.at(-1)?.position ?? 0) : 0
    await this.#change(id, { open: true, position: last + 1 })
  }

  async move(id: string, by: -1 | 1): Promise<void> {
    const state = this.state
    const position = state.kind === 'ready' ? positionAfterMove(state.open, id, by) : undefined
    if (position !== undefined) await this.#change(id, { position })
  }

  async remove(id: string): Promise<void> {
    await this.#client.delete(id)
    this.#entries.delete(id)
    this.#changed()
  }

  dispose(): void {
    for (const stop of this.#stops) stop()
  }

  /** Shows the change at once, and takes it back where the server refuses. */
  async #change(id: string, change: Partial<Pick<SessionEntry, 'title' | 'open' | 'position'>>): Promise<void> {
    this.#ahead.set(id, { ...this.#ahead.get(id), ...change })
    this.#changed()
    try {
      await this.#client.update(id, change)
      const entry = this.#entries.get(id)
      if (entry !== undefined) this.#entries.set(id, { ...entry, ...change })
    } finally {
      this.#ahead.delete(id)
      this.#changed()
    }
  }

  #readDirectory(): void {
    const entries = new Map((this.#client.directory ?? []).map((entry) => [entry.id, entry]))
    for (const id of this.#entries.keys()) if (this.#named.has(id) && !entries.has(id)) this.#entries.delete(id)
    for (const entry of entries.values()) {
      this.#named.add(entry.id)
      this.#learn(entry)
    }
    this.#changed()
  }

  #learn(entry: SessionEntry): void {
    const known = this.#entries.get(entry.id)
    if (known === undefined || known.updatedAt <= entry.updatedAt) this.#entries.set(entry.id, entry)
  }
}
