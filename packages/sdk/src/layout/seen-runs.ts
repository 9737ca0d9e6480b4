import type { SessionEntry } from '../protocol/index.ts'
import type { DraftPlace } from './drafts.ts'

/** The last run of each session that somebody here saw the end of. */
export interface SeenRuns {
  readonly of: (session: string) => string | undefined
  /** Notes a session as it is; `isActive`: somebody looks at it. Says whether it is new here. */
  readonly meet: (entry: SessionEntry, isActive: boolean) => boolean
  /** Reads what an earlier page noted, unless the session is looked at. Says whether there was anything. */
  readonly load: (session: string, isActive: () => boolean) => Promise<boolean>
  readonly clear: () => void
}

/** Begins to note. */
export function noteSeenRuns(place: DraftPlace): SeenRuns {
  const runs = new Map<string, string | undefined>()
  // Null: the session is known, and no run of it has been seen to end.
  const keep = (session: string) => void place.remember(`seen/${session}`, runs.get(session) ?? null)

  return {
    of: (session) => runs.get(session),
    meet: ({ id, status, last }, isActive) => {
      const ended = status === 'idle' ? last?.run : undefined
      if (!runs.has(id)) {
        // What ended before anybody here knew of the session is no news.
        runs.set(id, ended)
        return true
      }
      if (isActive && ended !== undefined && runs.get(id) !== ended) {
        runs.set(id, ended)
        keep(id)
      }
      return false
    },
    load: async (session, isActive) => {
      const kept = await place.recall(`seen/${session}`)
      if (!runs.has(session)) return false
      const isNews = kept !== undefined && !isActive()
      if (isNews) runs.set(session, typeof kept === 'string' ? kept : undefined)
      else keep(session)
      return isNews
    },
    clear: () => runs.clear(),
  }
}
