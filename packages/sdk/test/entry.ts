import type { SessionEntry } from '../src/index.ts'

/** A row of the directory: an idle session of the layout, unless the fields say otherwise. */
export function entry(id: string, fields: Partial<SessionEntry> = {}): SessionEntry {
  return { id, status: 'idle', open: true, position: 0, createdAt: 0, updatedAt: 0, ...fields }
}
