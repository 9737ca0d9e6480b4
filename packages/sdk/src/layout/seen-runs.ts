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
  const keep = (session: string) => void place.remember(`seen/${session}`, runs.get(session))

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
      const isNews = typeof kept === 'string' && runs.has(session) && !isActive()
      if (isNews) runs.set(session, kept)
      else if (runs.get(session) !== undefined) keep(session)
      return isNews
    },
    clear: () => runs.clear(),
  }
}
