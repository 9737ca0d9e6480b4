import type { AttachFrame, DetachReason } from '@throughline/sdk/protocol'
import type { Audience } from '../journal/audience.ts'
import type { Feed } from '../journal/feed.ts'
import { openViewer, type Viewer } from '../journal/viewer.ts'
import type { ViewerLink } from '../journal/viewer-link.ts'
import { findPlace, type Place, type PlaceSources } from './place.ts'

/** One client's watch of one session: it sends `attached`, then every batch. */
export interface Watch {
  readonly session: string
  /** The last seq handed to the link. */
  sent(): number
  /** Whether it still follows the session: neither side has ended it. */
  isOpen(): boolean
  /** Ends the watch without a word: the client left. */
  close(): void
  /** Ends the watch, and says why. */
  detach(reason: DetachReason): void
}

/** What a watch needs of its session. */
export interface WatchSources extends PlaceSources {
  readonly feed: Feed
  readonly audience: Audience
  /** All watches of the session: this one is among them while it is open. */
  readonly watches: Set<Watch>
}

/** Answers an attach. From the moment that `attached` is sent the viewer is in the audience, so that nothing is missed in between. */
export async function openWatch(frame: AttachFrame, link: ViewerLink, sources: WatchSources): Promise<Watch> {
  const { session, journal, feed, audience } = sources
  let viewer: Viewer | undefined
  let state: 'open' | 'closed' = 'open'

  async function begin(cursor: string | undefined): Promise<void> {
    let place = await findPlace(cursor, sources)
    if (place.kind === 'resume' && place.after < journal.bounds.folded) {
      place = { kind: 'reset', reason: 'cursor_too_old', snapshot: await sources.snapshot() }
    }
    if (state === 'closed') return
    // From here to the end without an await: one atomic step.
    const after = place.kind === 'resume' ? place.after : place.snapshot.seq
    link.send(attachedFrame(frame.id, session, journal.bounds.head, place))
    viewer = openViewer({ feed, link, after, onFolded: () => void restart(), onFailed: () => watch.detach('store') })
    audience.add(viewer)
    sources.watches.add(watch)
    viewer.pump()
  }

  /** What the viewer needs next is no longer kept: a further `attached`, unasked, with a snapshot. */
  async function restart(): Promise<void> {
    if (viewer !== undefined) audience.remove(viewer)
    try {
      await begin(undefined)
    } catch {
      watch.detach('store')
    }
  }

  function close(): void {
    if (state === 'closed') return
    state = 'closed'
    if (viewer !== undefined) audience.remove(viewer)
    sources.watches.delete(watch)
  }

  const watch: Watch = {
    session,
    sent: () => viewer?.sent() ?? 0,
    isOpen: () => state === 'open',
    close,
    detach: (reason) => {
      if (state === 'closed') return
      link.send(JSON.stringify({ type: 'detached', session, reason }))
      close()
    },
  }
  await begin(frame.cursor)
  return watch
}

function attachedFrame(id: string, session: string, head: number, place: Place): string {
  const about = `{"type":"attached","id":${JSON.stringify(id)},"session":${JSON.stringify(session)},"head":${head}`
  if (place.kind === 'resume') return `${about},"resumed":true}`
  return `${about},"resumed":false,"reason":"${place.reason}","snapshot":${place.snapshot.json}}`
}
