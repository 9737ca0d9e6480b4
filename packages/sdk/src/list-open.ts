import type { SessionEntry } from './protocol/index.ts'
import type { SessionPage } from './session-calls.ts'

/** So many sessions a server gives at once. */
const LIST_PAGE = 200

/** Asks for a page of open sessions, newest first. */
export type ListPage = (query: {
  readonly open: true
  readonly limit: number
  readonly before?: string | undefined
}) => Promise<SessionPage>

/** Loads all open sessions, however many pages they fill, in the order of the layout. */
export async function listOpen(list: ListPage): Promise<readonly SessionEntry[]> {
  const found = new Map<string, SessionEntry>()
  const add = async (before?: string) => {
    const { sessions, next } = await list({ open: true, limit: LIST_PAGE, before })
    for (const entry of sessions) found.set(entry.id, entry)
    return next
  }
  let next = await add()
  if (next !== undefined) {
    // A page without anything new leads nowhere.
    for (let known = 0; next !== undefined && found.size > known; next = await add(next)) known = found.size
    // What changed meanwhile has moved to the first page.
    await add()
  }
  return [...found.values()].sort(byPosition)
}

/** The order of a layout. */
export function byPosition(a: SessionEntry, b: SessionEntry): number {
  return a.position - b.position || a.createdAt - b.createdAt
}
