import type { DirectoryFrame, SessionEntry } from './protocol/index.ts'

/** The directory of the user, once it is watched. */
export interface Directory {
  /** Undefined until the server has told it. */
  readonly entries: () => readonly SessionEntry[] | undefined
  readonly isWatched: () => boolean
  /** Asks for it, unless that was done; says whether it did. */
  readonly watch: () => boolean
  /** There is another link: asks for it again where it is watched. */
  readonly linked: () => void
  /** A list says what is open, before the directory does: what the directory then lacks was closed meanwhile. */
  readonly expect: (open: readonly SessionEntry[]) => void
  readonly take: (frame: DirectoryFrame) => void
  /** Forgets all, since it was another user's. */
  readonly forget: () => void
}

/** What the directory needs, and whom it tells. */
export interface DirectoryOptions {
  readonly ask: () => void
  readonly onGone: (session: string) => void
  readonly onClosed: (session: string) => void
  readonly onChange: (entries: readonly SessionEntry[] | undefined) => void
}

/** Begins unwatched. */
export function createDirectory({ ask, onGone, onClosed, onChange }: DirectoryOptions): Directory {
  let isWatched = false
  /** What has come of what is not whole yet: of the answer, which takes the place of what was known, or of a change. */
  let heard: readonly SessionEntry[] | undefined
  let entries: readonly SessionEntry[] | undefined
  let expected: readonly SessionEntry[] = []

  function watch(): void {
    isWatched = true
    heard = []
    ask()
  }

  return {
    entries: () => entries,
    isWatched: () => isWatched,
    watch: () => {
      const isNew = !isWatched
      if (isNew) watch()
      return isNew
    },
    linked: () => {
      if (isWatched) watch()
    },
    expect: (open) => {
      expected = open
    },
    take: (frame) => {
      const before = entries ?? expected
      const after = applyDirectory(heard ?? before, frame)
      heard = frame.more ? after : undefined
      frame.gone?.forEach(onGone)
      if (heard) return
      entries = after
      expected = []
      closedSince(before, after).forEach(onClosed)
      onChange(after)
    },
    forget: () => {
      const wasKnown = entries !== undefined
      entries = undefined
      expected = []
      if (wasKnown) onChange(entries)
    },
  }
}

/** The directory after a frame: newest `updatedAt` first. */
function applyDirectory(entries: readonly SessionEntry[], { sessions, gone = [] }: DirectoryFrame): readonly SessionEntry[] {
  const replaced = new Set([...gone, ...sessions.map(({ id }) => id)])
  return [...sessions, ...entries.filter(({ id }) => !replaced.has(id))].sort((a, b) => b.updatedAt - a.updatedAt)
}

/** The sessions that were open in one directory and are not in a later one. */
function closedSince(before: readonly SessionEntry[], after: readonly SessionEntry[]): string[] {
  const open = new Set(after.flatMap((entry) => (entry.open ? [entry.id] : [])))
  return before.flatMap((entry) => (entry.open && !open.has(entry.id) ? [entry.id] : []))
}
