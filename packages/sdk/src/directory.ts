import type { DirectoryFrame, SessionEntry } from './protocol/index.ts'

/** The directory after a frame: newest `updatedAt` first. The first frame of a link says all, later ones what changed. */
export function applyDirectory(entries: readonly SessionEntry[], { sessions, gone = [] }: DirectoryFrame): readonly SessionEntry[] {
  const replaced = new Set([...gone, ...sessions.map(({ id }) => id)])
  return [...sessions, ...entries.filter(({ id }) => !replaced.has(id))].toSorted((a, b) => b.updatedAt - a.updatedAt)
}
