import type { DirectoryFrame, SessionEntry } from '@throughline/sdk/protocol'
import type { ViewerLink } from '../journal/viewer-link.ts'

/** How large a frame of several sessions may become: where a link has room, it fits. */
const FRAME_BYTES = 64 * 1024

const EMPTY_BYTES = JSON.stringify({ type: 'directory', sessions: [], gone: [], more: true } satisfies DirectoryFrame).length
const COMMA_BYTES = 1

/**
 * The directory, as one link is told of it: in frames that fit, as far as the link has room. What waits for room is told as it is then: later
 * changes of a session replace earlier ones.
 */
export interface DirectoryFeed {
  readonly tell: (frame: Omit<DirectoryFrame, 'more'>) => void
}

/** What is to be told of sessions, by their ids. */
type Waiting = Map<string, SessionEntry | 'gone'>

/** Begins to tell a link of the directory. */
export function directoryFeed(link: Pick<ViewerLink, 'hasRoom' | 'whenRoom'>, send: (frame: DirectoryFrame) => void): DirectoryFeed {
  const waiting: Waiting = new Map()
  let needsRoom = false

  function sendWaiting(): void {
    do {
      needsRoom = !link.hasRoom()
      if (needsRoom) return link.whenRoom(sendWaiting)
      send(takeFrame(waiting))
    } while (waiting.size > 0)
  }

  return {
    tell({ sessions, gone = [] }) {
      for (const entry of sessions) waiting.set(entry.id, entry)
      for (const id of gone) waiting.set(id, 'gone')
      if (!needsRoom) sendWaiting()
    },
  }
}

/** Takes as much as fits a frame, one session at least. */
function takeFrame(waiting: Waiting): DirectoryFrame {
  const sessions: SessionEntry[] = []
  const gone: string[] = []
  let bytes = EMPTY_BYTES
  for (const [id, entry] of waiting) {
    bytes += Buffer.byteLength(JSON.stringify(entry === 'gone' ? id : entry)) + COMMA_BYTES
    if (bytes > FRAME_BYTES && sessions.length + gone.length > 0) break
    if (entry === 'gone') gone.push(id)
    else sessions.push(entry)
    waiting.delete(id)
  }
  return { type: 'directory', sessions, ...(gone.length > 0 && { gone }), ...(waiting.size > 0 && { more: true }) }
}
