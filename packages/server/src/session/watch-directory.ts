import type { DirectoryFrame, SessionEntry } from '@throughline/sdk/protocol'
import type { Timers } from '../timers.ts'
import type { Directory } from './directory.ts'

/** After how long a list that could not be had is asked for again. */
const AGAIN_MS = 5000

/** What watching a directory needs. */
export interface WatchDirectorySources {
  readonly directory: Directory
  /** The sessions that it begins with. */
  readonly overview: () => Promise<readonly SessionEntry[]>
  readonly timers: Timers
  readonly onTrouble: (what: string, error: unknown) => void
}

/**
 * Tells a listener the sessions that there are, and then every change, until what comes back is called. Where they cannot be listed nothing is told until
 * they can: that is not an empty list.
 */
export function watchDirectory(principal: string, listener: (frame: DirectoryFrame) => void, sources: WatchDirectorySources): () => void {
  const { directory, overview, timers, onTrouble } = sources
  /** Changes while the list is asked for; undefined once it was told. */
  let early: DirectoryFrame[] | undefined
  let isOver = false
  let timer: unknown
  const stop = directory.subscribe(principal, (frame) => (early === undefined ? tell(frame) : early.push(frame)))

  async function list(): Promise<void> {
    const meanwhile: DirectoryFrame[] = []
    early = meanwhile
    try {
      const sessions = await overview()
      early = undefined
      for (const frame of [{ type: 'directory', sessions } as const, ...meanwhile]) tell(frame)
    } catch (error) {
      if (isOver) return
      onTrouble('a directory could not be listed, and is asked for again', error)
      timer = timers.setTimeout(() => void list(), AGAIN_MS)
    }
  }

  function tell(frame: DirectoryFrame): void {
    if (isOver) return
    try {
      listener(frame)
    } catch (error) {
      onTrouble('a listener of the directory threw', error)
    }
  }

  void list()
  return () => {
    isOver = true
    timers.clearTimeout(timer)
    stop()
  }
}
