import type { SessionEntry } from '../protocol/index.ts'
import type { Badge } from './layout-state.ts'

/** The badge of a session of which the run `seen` is the last that somebody saw the end of. */
export function badgeOf({ status, last }: Pick<SessionEntry, 'status' | 'last'>, seen: string | undefined): Badge | undefined {
  switch (status) {
    case 'running':
    case 'stopping':
      return 'running'
    case 'waiting':
      return 'needs_you'
    case 'idle':
      if (!last || last.run === seen) return undefined
      // Whoever stopped it knows.
      return last.outcome === 'error' ? 'failed' : last.outcome === 'success' ? 'finished' : undefined
    default:
      return status satisfies never
  }
}
