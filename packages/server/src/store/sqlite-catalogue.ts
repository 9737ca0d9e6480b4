import type { Mark, SessionStatus } from '@throughline/sdk/protocol'
import type { Found, Layout, ListedSession, ListQuery, NewSession, RecordChange, SessionRecord } from './port.ts'
import { changedRecord, newRecord } from './session-record.ts'
import type { Sqlite } from './sqlite-driver.ts'
import { StoreError } from './store-error.ts'

interface SessionRow {
  readonly n: number
  readonly id: string
  readonly owner: string
  readonly key: string | null
  readonly title: string | null
  readonly agent: string | null
  readonly status: SessionStatus
  readonly last: string | null
  readonly birth: Mark
  readonly created_at: number
  readonly updated_at: number
}

interface LayoutRow {
  readonly open: number
  readonly position: number
  readonly settings: string | null
}

const COLUMNS = 's.n, s.id, s.owner, s.key, s.title, s.agent, s.status, s.last, s.birth, s.created_at, s.updated_at'

/** The rows of all sessions, of their places in layouts, and of sessions that were swept. */
export class SqliteCatalogue {
  readonly #onDamaged: (what: string, cause: unknown) => void
  readonly #insert
  readonly #byId
  readonly #byKey
  readonly #update
  readonly #delete
  readonly #bury
  readonly #tombstone
  readonly #forget
  readonly #list
  readonly #stale
  readonly #unsettled
  readonly #layout
  readonly #setLayout
  readonly #deleteLayouts

  /** `onDamaged` is told what was left out because it cannot be read: one bad row must not fail all that is read with it. */
  constructor(database: Sqlite, onDamaged: (what: string, cause: unknown) => void) {
    this.#onDamaged = onDamaged
    this.#insert = database.prepare(
      `INSERT INTO sessions (id, owner, key, title, agent, status, birth, created_at, updated_at, fold_mark)
       VALUES (:id, :owner, :key, :title, :agent, :status, :birth, :createdAt, :updatedAt, :birth)`,
    )
    this.#byId = database.prepare<[string], SessionRow>(`SELECT ${COLUMNS} FROM sessions s WHERE id = ?`)
    this.#byKey = database.prepare<[string, string], SessionRow>(`SELECT ${COLUMNS} FROM sessions s WHERE owner = ? AND key = ?`)
    this.#update = database.prepare(
      'UPDATE sessions SET title = :title, agent = :agent, status = :status, last = :last, updated_at = :updatedAt WHERE id = :id',
    )
    this.#delete = database.prepare<[number]>('DELETE FROM sessions WHERE n = ?')
    this.#bury = database.prepare<[string, string, number]>('INSERT OR REPLACE INTO tombstones (id, owner, at) VALUES (?, ?, ?)')
    this.#tombstone = database.prepare<[string], { readonly owner: string; readonly at: number }>(
      'SELECT owner, at FROM tombstones WHERE id = ?',
    )
    this.#forget = database.prepare<[number]>('DELETE FROM tombstones WHERE at < ?')
    this.#list = database.prepare<Record<string, unknown>, SessionRow & { readonly [Column in keyof LayoutRow]: LayoutRow[Column] | null }>(
      `SELECT ${COLUMNS}, l.open, l.position, l.settings FROM sessions s LEFT JOIN layouts l ON l.session = s.n AND l.principal = s.owner
       WHERE s.owner = :owner AND (s.updated_at, s.id) < (:updatedAt, :id) AND s.status = ifnull(:status, s.status) AND ifnull(l.open, 1) = coalesce(:open, l.open, 1)
       ORDER BY s.updated_at DESC, s.id DESC LIMIT :limit`,
    )
    this.#stale = database.prepare<Record<string, unknown>, SessionRow & { readonly is_open: number }>(
      `SELECT ${COLUMNS},
         NOT EXISTS (SELECT 1 FROM layouts WHERE session = s.n AND principal = s.owner) OR EXISTS (SELECT 1 FROM layouts WHERE session = s.n AND open) AS is_open
       FROM sessions s WHERE s.updated_at < :before AND (s.updated_at, s.id) > (:updatedAt, :id)
       ORDER BY s.updated_at, s.id LIMIT :limit`,
    )
    this.#unsettled = database.prepare<[], SessionRow>(
      `SELECT ${COLUMNS} FROM sessions s WHERE s.status IN ('running', 'stopping', 'waiting')`,
    )
    this.#layout = database.prepare<[string, string], LayoutRow>(
      'SELECT open, position, settings FROM layouts WHERE session = (SELECT n FROM sessions WHERE id = ?) AND principal = ?',
    )
    this.#setLayout = database.prepare(
      `INSERT OR REPLACE INTO layouts (session, principal, open, position, settings)
       SELECT n, :principal, :open, :position, :settings FROM sessions WHERE id = :session`,
    )
    this.#deleteLayouts = database.prepare<[number]>('DELETE FROM layouts WHERE session = ?')
  }

  create(session: NewSession): { readonly created: boolean; readonly record: SessionRecord } {
    const known = session.key === undefined ? undefined : this.#byKey.get(session.owner, session.key)
    if (known !== undefined) return { created: false, record: this.#recordOf(known) }
    if (this.#byId.get(session.id) !== undefined) throw new StoreError('failed', `the session id ${session.id} is taken`)
    const record = newRecord(session)
    this.#insert.run({ key: null, title: null, agent: null, ...record })
    return { created: true, record }
  }

  find(session: string): Found {
    const row = this.#byId.get(session)
    if (row !== undefined) return { kind: 'found', record: this.#recordOf(row) }
    const tombstone = this.#tombstone.get(session)
    return tombstone === undefined ? { kind: 'unknown' } : { kind: 'expired', ...tombstone }
  }

  list({ owner, open, status, before = { updatedAt: Infinity }, limit }: ListQuery): readonly ListedSession[] {
    const rows = this.#list.all({
      owner,
      updatedAt: before.updatedAt,
      // No id comes before this one, so that a time alone is before all sessions of that time.
      id: before.id ?? '',
      status: status ?? null,
      open: open === undefined ? null : Number(open),
      limit: countOf(limit),
    })
    return rows.map((row) => {
      const record = this.#recordOf(row)
      const { open: isOpen, position, settings } = row
      const layout = isOpen === null || position === null ? undefined : this.#layoutOf({ open: isOpen, position, settings }, record.id)
      return { record, layout: layout ?? { open: true, position: record.createdAt } }
    })
  }

  layout(session: string, principal: string): Layout | undefined {
    const row = this.#layout.get(session, principal)
    return row && this.#layoutOf(row, session)
  }

  setLayout(session: string, principal: string, { open, position, settings }: Layout): boolean {
    const row = { session, principal, open: Number(open), position, settings: JSON.stringify(settings) ?? null }
    return this.#setLayout.run(row).changes > 0
  }

  change(session: string, change: RecordChange): boolean {
    const row = this.#byId.get(session)
    if (row === undefined) return false
    const { id, title = null, agent = null, status, last, updatedAt } = changedRecord(this.#recordOf(row), change)
    this.#update.run({ id, title, agent, status, last: JSON.stringify(last) ?? null, updatedAt })
    return true
  }

  /** Gives back the number of the session that was, for its other rows to go too. */
  remove(session: string, tombstoneAt: number | undefined): number | undefined {
    const row = this.#byId.get(session)
    if (row === undefined) return undefined
    this.#delete.run(row.n)
    this.#deleteLayouts.run(row.n)
    if (tombstoneAt !== undefined) this.#bury.run(session, row.owner, tombstoneAt)
    return row.n
  }

  stale(before: number, limit: number, after: Pick<SessionRecord, 'id' | 'updatedAt'> = { id: '', updatedAt: -Infinity }) {
    const rows = this.#stale.all({ before, limit: countOf(limit), id: after.id, updatedAt: after.updatedAt })
    return rows.map((row) => ({ record: this.#recordOf(row), open: row.is_open === 1 }))
  }

  unsettled(): readonly SessionRecord[] {
    return this.#unsettled.all().map((row) => this.#recordOf(row))
  }

  forgetTombstones(before: number): void {
    this.#forget.run(before)
  }

  #recordOf(row: SessionRow): SessionRecord {
    const last = this.#readJson(row.last, `the last run of session ${row.id}`)
    return {
      id: row.id,
      owner: row.owner,
      ...(row.key !== null && { key: row.key }),
      ...(row.title !== null && { title: row.title }),
      ...(row.agent !== null && { agent: row.agent }),
      status: row.status,
      ...(last !== undefined && { last: last as NonNullable<SessionRecord['last']> }),
      birth: row.birth,
      createdAt: row.created_at,
      updatedAt: row.updated_at,
    }
  }

  #layoutOf({ open, position, settings }: LayoutRow, session: string): Layout {
    const given = this.#readJson(settings, `the layout settings of session ${session}`)
    return { open: open === 1, position, ...(given !== undefined && { settings: given }) }
  }

  #readJson(json: string | null, about: string): unknown {
    if (json === null) return undefined
    try {
      return JSON.parse(json)
    } catch (cause) {
      this.#onDamaged(`${about} cannot be read and is left out`, cause)
      return undefined
    }
  }
}

/** A count as SQLite takes it, where anything below none would mean all. */
function countOf(limit: number): number {
  return Math.max(0, Math.min(limit, Number.MAX_SAFE_INTEGER))
}
