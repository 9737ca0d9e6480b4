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

/** Begins to follow a journal. Live, replay and catching up are this one loop. */
export function openViewer({ feed, link, after, onFolded, onFailed }: ViewerStart): Viewer {
  let cursor = after
  let state: 'ready' | 'reading' | 'waiting for room' | 'closed' = 'ready'

  function pump(): void {
    while (state === 'ready') {
      if (!link.hasRoom()) {
        state = 'waiting for room'
        link.whenRoom(() => resume('waiting for room'))
        return
      }
      const next = feed.next(cursor)
      if (next instanceof Promise) {
        state = 'reading'
        next.then(
          (read) => {
            if (state !== 'reading') return
            state = 'ready'
            if (take(read)) pump()
          },
          (error: unknown) => {
            if (state === 'closed') return
            state = 'closed'
            onFailed(error)
          },
        )
        return
      }
      if (!take(next)) return
    }
  }

  function resume(from: 'waiting for room'): void {
    if (state !== from) return
    state = 'ready'
    pump()
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
        state = 'closed'
        onFolded()
        return false
      default:
        return next satisfies never
    }
  }

  return {
    pump,
    sent: () => cursor,
    close: () => {
      state = 'closed'
    },
  }
}
