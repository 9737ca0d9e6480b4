import type { SessionEntry } from '../protocol/index.ts'
import type { Session } from '../session/session.ts'
import type { Badge, LayoutSession } from './layout-state.ts'

/** What this page knows of a session beside its entry. */
export interface RowExtras {
  readonly badge: Badge | undefined
  readonly draft: string
  readonly session: Session | undefined
}

/** What a layout shows of a session; the same object as before where nothing of it has changed. */
export function rowOf(
  { id, title, agent, settings, status, last }: SessionEntry,
  { badge, draft, session }: RowExtras,
  before: LayoutSession | undefined,
): LayoutSession {
  const row: LayoutSession = {
    id,
    ...(title !== undefined && { title }),
    ...(agent !== undefined && { agent }),
    ...(settings !== undefined && { settings }),
    status,
    ...(last && { last }),
    ...(badge && { badge }),
    draft,
    ...(session && { session }),
  }
  const isSame = before && FIELDS.every((name) => before[name] === row[name] || (name === 'last' && before.last?.run === last?.run))
  return isSame ? before : row
}

const FIELDS = ['id', 'title', 'agent', 'settings', 'status', 'last', 'badge', 'draft', 'session'] as const
