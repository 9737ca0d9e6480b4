import type { Feed, Next } from './feed.ts'
import type { ViewerLink } from './viewer-link.ts'

/** The server's end of one attach: a cursor on the journal, and a link with room. */
export interface Viewer {
  /** Sends what lies between the cursor and the head, while the link has room. */
  pump(): void
  /** The last seq handed to the link. */
  sent(): number
  close(): void
}

/** What a viewer begins with. */
export interface ViewerStart {
  readonly feed: Feed
  readonly link: ViewerLink
  readonly after: number
  /** What comes next is no longer kept: the viewer is over, and its client needs a snapshot. */
  readonly onFolded: () => void
  /** The journal could not be read: the viewer is over. */
  readonly onFailed: (error: unknown) => void
}

const nothingKept = () => {}

/** Begins to follow a journal. Live, replay and catching up are this one loop. */
export function openViewer({ feed, link, after, onFolded, onFailed }: ViewerStart): Viewer {
  let cursor = after
  let state: 'ready' | 'reading' | 'waiting for room' | 'closed' = 'ready'
  let letGoOfRoom = nothingKept

  function pump(): void {
    while (state === 'ready') {
      if (!link.hasRoom()) return waitForRoom()
      const next = feed.next(cursor)
      if (next instanceof Promise) return read(next)
      if (!take(next)) return
    }
  }

  function waitForRoom(): void {
    state = 'waiting for room'
    link.whenRoom(() => {
      if (state !== 'waiting for room') return
      state = 'ready'
      pump()
    })
  }

  function read(reading: Promise<Next>): void {
    state = 'reading'
    letGoOfRoom = link.keepRoom()
    reading.then(
      (found) => {
        if (state !== 'reading') return
        state = 'ready'
        letGoOfRoom()
        // Larger frames may have taken what was kept. What was read is not held here, out of the link's sight: the feed is asked again.
        if (!link.hasRoom() || take(found)) pump()
      },
      (error: unknown) => {
        if (state === 'closed') return
        close()
        onFailed(error)
      },
    )
  }

  /** Hands over what came next; says whether there may be more. */
  function take(next: Next): boolean {
    switch (next.kind) {
      case 'batch':
        link.send(next.batch.frame)
        cursor = next.batch.to
        return true
      case 'head':
        return false
      case 'folded':
        close()
        onFolded()
        return false
      default:
        return next satisfies never
    }
  }

  function close(): void {
    state = 'closed'
    letGoOfRoom()
  }

  return { pump, sent: () => cursor, close }
}
