import type { DirectoryFrame, SessionEntry } from '@throughline/sdk/protocol'
import type { ViewerLink } from '../journal/viewer-link.ts'

/** The directory, as one link is told of it: while the link has no room, later changes of a session replace earlier ones. */
export interface DirectoryFeed {
  readonly tell: (frame: DirectoryFrame) => void
}

/** Begins to tell a link of the directory. */
export function directoryFeed(link: Pick<ViewerLink, 'hasRoom' | 'whenRoom'>, send: (frame: DirectoryFrame) => void): DirectoryFeed {
  const waiting = new Map<string, SessionEntry | 'gone'>()

  function sendWaiting(): void {
    const sessions = [...waiting.values()].filter((entry) => entry !== 'gone')
    const gone = [...waiting].filter(([, entry]) => entry === 'gone').map(([id]) => id)
    waiting.clear()
    send({ type: 'directory', sessions, ...(gone.length > 0 && { gone }) })
  }

  return {
    tell(frame) {
      if (waiting.size === 0 && link.hasRoom()) return send(frame)
      if (waiting.size === 0) link.whenRoom(sendWaiting)
      for (const entry of frame.sessions) waiting.set(entry.id, entry)
      for (const id of frame.gone ?? []) waiting.set(id, 'gone')
    },
  }
}
