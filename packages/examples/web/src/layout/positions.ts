import type { SessionEntry } from '@throughline/sdk/protocol'

/** The open sessions of a directory, in the order of the layout. */
export function openInOrder(entries: Iterable<SessionEntry>): readonly SessionEntry[] {
  return [...entries]
    .filter((entry) => entry.open)
    .toSorted((a, b) => a.position - b.position || a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1))
}

/** The position that moves a session by one place; undefined where it stands at that end already. */
export function positionAfterMove(inOrder: readonly SessionEntry[], id: string, by: -1 | 1): number | undefined {
  const index = inOrder.findIndex((entry) => entry.id === id)
  const passed = inOrder[index + by]
  if (index < 0 || passed === undefined) return undefined
  const beyond = inOrder[index + 2 * by]
  return beyond === undefined ? passed.position + by : (passed.position + beyond.position) / 2
}
