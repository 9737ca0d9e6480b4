import type { DirectoryFrame, SessionEntry } from './protocol/index.ts'

/** The directory after a frame: newest `updatedAt` first. The first frame of a link says all, later ones what changed. */
export function applyDirectory(entries: readonly SessionEntry[], { sessions, gone = [] }: DirectoryFrame): readonly SessionEntry[] {
  const replaced = new Set([...gone, ...sessions.map(({ id }) => id)])
  return [...sessions, ...entries.filter(({ id }) => !replaced.has(id))].sort((a, b) => b.updatedAt - a.updatedAt)
}

/** The sessions that were open in one directory and are not in a later one. */
export function closedSince(before: readonly SessionEntry[], after: readonly SessionEntry[]): string[] {
  const open = new Set(after.flatMap((entry) => (entry.open ? [entry.id] : [])))
  return before.flatMap((entry) => (entry.open && !open.has(entry.id) ? [entry.id] : []))
}
