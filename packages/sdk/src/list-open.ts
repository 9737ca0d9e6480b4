import type { SessionEntry } from './protocol/index.ts'

/** So many sessions a server gives at once. */
export const LIST_PAGE = 200

/** Asks for a page of open sessions, newest first. */
export type ListPage = (query: {
  readonly open: true
  readonly limit: number
  readonly before?: number | undefined
}) => Promise<readonly SessionEntry[]>

/** Loads all open sessions, however many pages they fill, in the order of the layout. */
export async function listOpen(list: ListPage): Promise<readonly SessionEntry[]> {
  const found = new Map<string, SessionEntry>()
  let before: number | undefined
  for (let isLast = false; !isLast;) {
    const page = await list({ open: true, limit: LIST_PAGE, before })
    const known = found.size
    for (const entry of page) if (!found.has(entry.id)) found.set(entry.id, entry)
    // Others may share the time of the last one, so it is asked for once more.
    const oldest = page.at(-1)?.updatedAt ?? 0
    before = found.size > known ? oldest + 1 : oldest
    isLast = page.length < LIST_PAGE
    // What changed meanwhile has moved to the first page.
    if (isLast && known > 0) for (const entry of await list({ open: true, limit: LIST_PAGE })) found.set(entry.id, entry)
  }
  return [...found.values()].sort(byPosition)
}

/** The order of a layout. */
export function byPosition(a: SessionEntry, b: SessionEntry): number {
  return a.position - b.position || a.createdAt - b.createdAt
}
