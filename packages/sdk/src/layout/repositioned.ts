import type { SessionEntry } from '../protocol/index.ts'

type Placed = Pick<SessionEntry, 'id' | 'position'>

/** The positions that change so that a session comes to stand at an index: its own alone, where there is room between its neighbours. */
export function repositioned(ordered: readonly Placed[], id: string, index: number): readonly Placed[] {
  const moved = ordered.find((placed) => placed.id === id)
  if (!moved) return []
  const others = ordered.filter((placed) => placed.id !== id)
  const at = Math.max(0, Math.min(index, others.length))
  const before = others[at - 1]?.position
  const after = others[at]?.position
  const position = before === undefined ? (after ?? 1) - 1 : after === undefined ? before + 1 : (before + after) / 2
  const fits = (before === undefined || before < position) && (after === undefined || position < after)
  if (fits) return position === moved.position ? [] : [{ id, position }]
  return [...others.slice(0, at), moved, ...others.slice(at)].flatMap((placed, place) =>
    placed.position === place ? [] : [{ id: placed.id, position: place }],
  )
}
