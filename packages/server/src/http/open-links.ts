import type { Principal } from '../access/principal.ts'

/** How many links a principal may hold at once, unless it says otherwise itself. */
const LINKS_PER_PRINCIPAL = 100

/** The links that are open now: sockets and event streams. */
export interface OpenLinks {
  /** Takes note of a link, by what ends it when the server goes down; the answer forgets it. While the server goes down that happens at once. */
  add(sayBye: () => void): () => void
  /** Counts a link for its principal; undefined where it holds as many as it may. The answer gives the place back. */
  claim(principal: Principal): (() => void) | undefined
  /** Ends all links, and every later one. */
  endAll(): void
}

/** Begins without a link. */
export function openLinks(): OpenLinks {
  const byes = new Set<() => void>()
  const counts = new Map<string, number>()
  let isEnding = false

  return {
    add(sayBye) {
      if (isEnding) queueMicrotask(sayBye)
      else byes.add(sayBye)
      return () => byes.delete(sayBye)
    },
    claim({ id, maxLinks = LINKS_PER_PRINCIPAL }) {
      const count = counts.get(id) ?? 0
      if (count >= maxLinks) return undefined
      counts.set(id, count + 1)
      return () => {
        const left = (counts.get(id) ?? 1) - 1
        if (left === 0) counts.delete(id)
        else counts.set(id, left)
      }
    },
    endAll() {
      isEnding = true
      for (const sayBye of byes) sayBye()
      byes.clear()
    },
  }
}
