import type { SessionEntry } from '@throughline/sdk/protocol'
import type { Layout, SessionRecord } from '../store/port.ts'

/** A session as lists show it: its row, and its place in its principal's layout. */
export function entryOf(record: SessionRecord, layout: Layout | undefined): SessionEntry {
  const { id, key, title, agent, status, last, createdAt, updatedAt } = record
  const { open, position, settings } = layout ?? firstLayout(record)
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

/** Where a session stands until somebody puts it elsewhere. */
export function firstLayout({ createdAt }: SessionRecord): Layout {
  return { open: true, position: createdAt }
}
