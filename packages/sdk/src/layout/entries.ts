import { byPosition } from '../list-open.ts'
import type { SessionEntry } from '../protocol/index.ts'

/** A change that was asked for and is not answered. */
interface Wish {
  readonly id: string
  readonly change: Partial<SessionEntry>
}

/** The sessions that may stand in a layout: what the server said last of each, and over it what was asked for here and is not answered yet. */
export interface Entries {
  /** The open ones, in their order. */
  readonly open: () => readonly SessionEntry[]
  readonly set: (entry: SessionEntry) => void
  /** Takes a directory: of each session only what is new in it, since an older word may still stand there. */
  readonly take: (directory: readonly SessionEntry[]) => void
  readonly delete: (id: string) => void
  /** Forgets all, and the answers to what was asked for, since it is another user's. */
  readonly clear: () => void
  /** Shows a change until it is answered: then the answer counts, or, where there is none, what was before. */
  readonly wish: (id: string, change: Partial<SessionEntry>, answer: Promise<SessionEntry>) => Promise<void>
}

/** Begins without any. */
export function createEntries(onChange: () => void): Entries {
  const entries = new Map<string, SessionEntry>()
  let taken = new Map<string, SessionEntry>()
  let wishes: readonly Wish[] = []

  return {
    open: () =>
      [...entries.values()]
        .map((entry): SessionEntry => Object.assign({}, entry, ...wishes.flatMap(({ id, change }) => (id === entry.id ? [change] : []))))
        .filter(({ open }) => open)
        .sort(byPosition),
    set: (entry) => {
      entries.set(entry.id, entry)
    },
    take: (directory) => {
      for (const entry of directory) if (taken.get(entry.id) !== entry) entries.set(entry.id, entry)
      taken = new Map(directory.map((entry) => [entry.id, entry]))
    },
    delete: (id) => {
      entries.delete(id)
    },
    clear: () => {
      entries.clear()
      taken.clear()
      wishes = []
    },
    wish: async (id, change, answer) => {
      const wish = { id, change }
      wishes = [...wishes, wish]
      onChange()
      try {
        const entry = await answer
        // It may be another user's by now.
        if (wishes.includes(wish)) entries.set(id, entry)
      } finally {
        wishes = wishes.filter((other) => other !== wish)
        onChange()
      }
    },
  }
}
