import type { Timers } from '../clock.ts'

/** Where drafts are kept. */
export interface DraftPlace {
  recall(name: string): Promise<unknown>
  remember(name: string, value: unknown): Promise<void>
}

/** What is typed and not sent yet, by session. */
export interface Drafts {
  readonly of: (session: string) => string
  readonly set: (session: string, text: string) => void
  /** Reads what was kept; where something has been typed meanwhile, that stays. Says whether there was anything. */
  readonly load: (session: string) => Promise<boolean>
  /** Keeps now what is not kept yet. */
  readonly flush: () => void
  /** Forgets all, since it is another user's. */
  readonly clear: () => void
}

const SAVE_MS = 300

/** Begins to keep drafts, a moment after the last key. */
export function keepDrafts(place: DraftPlace, timers: Timers): Drafts {
  const texts = new Map<string, string>()
  const unsaved = new Set<string>()
  let timer: unknown

  function flush(): void {
    timers.clearTimeout(timer)
    for (const session of unsaved) void place.remember(`draft/${session}`, texts.get(session) || undefined)
    unsaved.clear()
  }

  return {
    of: (session) => texts.get(session) ?? '',
    set: (session, text) => {
      texts.set(session, text)
      unsaved.add(session)
      timers.clearTimeout(timer)
      timer = timers.setTimeout(flush, SAVE_MS)
    },
    load: async (session) => {
      if (texts.has(session)) return false
      const kept = await place.recall(`draft/${session}`)
      if (typeof kept !== 'string' || texts.has(session)) return false
      texts.set(session, kept)
      return true
    },
    flush,
    clear: () => {
      timers.clearTimeout(timer)
      texts.clear()
      unsaved.clear()
    },
  }
}
