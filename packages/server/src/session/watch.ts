import { encodeFrame, type AttachFrame, type DetachReason, type ResetReason } from '@throughline/sdk/protocol'
import type { Audience } from '../journal/audience.ts'
import type { Feed } from '../journal/feed.ts'
import type { EncodedSnapshot } from '../journal/projection.ts'
import { openViewer, type Viewer } from '../journal/viewer.ts'
import type { ViewerLink } from '../journal/viewer-link.ts'
import type { Arrival } from './arrival.ts'
import type { Claims } from './claims.ts'
import { findPlace, type PlaceSources } from './place.ts'

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
  /** Calls back when it has ended, from either side: at once where it has already. */
  whenEnded(callback: () => void): void
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

const ignore = () => {}

/** How an attach is answered: the client goes on from its cursor, or from a snapshot. */
type Answer =
  | { readonly kind: 'resume'; readonly after: number }
  | { readonly kind: 'reset'; readonly reason: ResetReason; readonly snapshot: EncodedSnapshot }

/**
 * Answers an attach. From the moment that `attached` is sent the viewer is in the audience, so that nothing is missed in between. Snapshots take
 * turns on their link; who resumes waits for nobody. Settles when the attach is answered, or never will be because its link closed.
 */
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
  let state: 'open' | 'ended' = 'open'
  let onEnded = ignore

  const watch: Watch = {
    session,
    principal,
    order: arrival.order,
    sent: () => viewer?.sent() ?? 0,
    isOpen: () => state === 'open',
    whenEnded(callback) {
      if (state === 'ended') callback()
      else onEnded = callback
    },
    close() {
      if (state === 'ended') return
      state = 'ended'
      if (viewer !== undefined) audience.remove(viewer)
      watches.delete(watch)
      onEnded()
    },
    detach(reason) {
      if (state === 'ended') return
      link.send(encodeFrame({ type: 'detached', id, session, reason }))
      watch.close()
    },
  }

  const place = await findPlace(cursor, sources)
  if (place.kind === 'reset') await reset(place.reason, begin)
  else if (place.after < journal.bounds.folded) await reset('cursor_too_old', begin)
  else begin(place)
  return watch

  /** Sends `attached` with a snapshot when it is its turn. What may take long, because the session is not in memory, is done before. */
  async function reset(reason: ResetReason, send: (answer: Answer) => void): Promise<void> {
    const projection = await sources.projection()
    await link.inTurn(async () => {
      if (state === 'ended') return ignore
      const snapshot = await projection.snapshot()
      return () => {
        if (state === 'open') send({ kind: 'reset', reason, snapshot })
      }
    })
  }

  /** One atomic step, from the claim to the viewer's first pump. */
  function begin(answer: Answer): void {
    if (arrival.isWanted()) claim()
    if (watch.isOpen()) follow(answer)
  }

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

  function follow(answer: Answer): void {
    link.send(attachedFrame(id, session, journal.bounds.head, answer))
    const after = answer.kind === 'resume' ? answer.after : answer.snapshot.seq
    viewer = openViewer({ feed, link, after, onFolded: () => void restart(), onFailed: () => watch.detach('store') })
    audience.add(viewer)
    watches.add(watch)
    viewer.pump()
  }

  /** What the viewer needs next is no longer kept: a further `attached`, unasked, with a snapshot. */
  async function restart(): Promise<void> {
    if (viewer !== undefined) audience.remove(viewer)
    try {
      await reset('cursor_too_old', follow)
    } catch {
      watch.detach('store')
    }
  }
}

function attachedFrame(id: string, session: string, head: number, answer: Answer): string {
  const about = `{"type":"attached","id":${JSON.stringify(id)},"session":${JSON.stringify(session)},"head":${head}`
  if (answer.kind === 'resume') return `${about},"resumed":true}`
  return `${about},"resumed":false,"reason":"${answer.reason}","snapshot":${answer.snapshot.json}}`
}
