import { encodeFrame, type AttachFrame, type DetachReason } from '@throughline/sdk/protocol'
import type { Audience } from '../journal/audience.ts'
import type { Feed } from '../journal/feed.ts'
import { openViewer, type Viewer } from '../journal/viewer.ts'
import type { ViewerLink } from '../journal/viewer-link.ts'
import type { Arrival } from './arrival.ts'
import type { Claims } from './claims.ts'
import { findPlace, resetPlace, type Place, type PlaceSources } from './place.ts'

/** One client's watch of one session: it sends `attached`, then every batch. */
export interface Watch {
  readonly session: string
  /** Who watches. */
  readonly principal: string
  /** The place of its attach among all that came. */
  readonly order: number
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
  readonly claims: Claims
}

/** Answers an attach. From the moment that `attached` is sent the viewer is in the audience, so that nothing is missed in between. */
export async function openWatch(
  principal: string,
  frame: AttachFrame,
  link: ViewerLink,
  arrival: Arrival,
  sources: WatchSources,
): Promise<Watch> {
  const { session, journal, feed, audience, watches } = sources
  const { id, cursor, exclusive } = frame
  let viewer: Viewer | undefined
  let state: 'open' | 'closed' = 'open'

  const watch: Watch = {
    session,
    principal,
    order: arrival.order,
    sent: () => viewer?.sent() ?? 0,
    isOpen: () => state === 'open',
    close() {
      if (state === 'closed') return
      state = 'closed'
      if (viewer !== undefined) audience.remove(viewer)
      watches.delete(watch)
    },
    detach(reason) {
      if (state === 'closed') return
      link.send(encodeFrame({ type: 'detached', id, session, reason }))
      watch.close()
    },
  }

  let place = await findPlace(cursor, sources)
  if (place.kind === 'resume' && place.after < journal.bounds.folded) place = await resetPlace('cursor_too_old', sources)
  // From here to the end without an await: one atomic step.
  if (arrival.isWanted()) claim()
  if (watch.isOpen()) follow(place)
  return watch

  function claim(): void {
    const verdict = sources.claims.judge(session, principal, exclusive, arrival.order)
    switch (verdict) {
      case 'new':
        for (const other of watches) if (other.principal === principal && other.order < watch.order) other.detach('superseded')
        return
      case 'newest':
      case 'unclaimed':
        return
      case 'superseded':
        return watch.detach('superseded')
      default:
        verdict satisfies never
    }
  }

  function follow(from: Place): void {
    link.send(attachedFrame(id, session, journal.bounds.head, from))
    const after = from.kind === 'resume' ? from.after : from.snapshot.seq
    viewer = openViewer({ feed, link, after, onFolded: () => void restart(), onFailed: () => watch.detach('store') })
    audience.add(viewer)
    watches.add(watch)
    viewer.pump()
  }

  /** What the viewer needs next is no longer kept: a further `attached`, unasked, with a snapshot. */
  async function restart(): Promise<void> {
    if (viewer !== undefined) audience.remove(viewer)
    try {
      await link.inTurn(async () => {
        if (state === 'closed') return
        const from = await resetPlace('cursor_too_old', sources)
        if (watch.isOpen()) follow(from)
      })
    } catch {
      watch.detach('store')
    }
  }
}

function attachedFrame(id: string, session: string, head: number, place: Place): string {
  const about = `{"type":"attached","id":${JSON.stringify(id)},"session":${JSON.stringify(session)},"head":${head}`
  if (place.kind === 'resume') return `${about},"resumed":true}`
  return `${about},"resumed":false,"reason":"${place.reason}","snapshot":${place.snapshot.json}}`
}
