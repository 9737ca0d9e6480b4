import type { AttachFrame, DetachFrame } from '@throughline/sdk/protocol'
import type { ViewerLink } from '../journal/viewer-link.ts'
import type { Watch } from '../session/watch.ts'

/** The sessions that one link watches. */
export interface LinkWatches {
  /** Watches a session, or watches it anew from another cursor, or no longer. */
  take(frame: AttachFrame | DetachFrame): void
  /** Settles when all attaches that were taken so far are answered. */
  readonly answered: () => Promise<void>
  /** For each session, the last seq handed to the link. */
  sent(): Record<string, number>
  /** Ends all. */
  close(): void
}

/** What the watches of a link work with. */
export interface LinkWatchesStart {
  readonly limit: number
  readonly link: Pick<ViewerLink, 'hasRoom' | 'whenRoom'>
  /** Attaches, which sends `attached` and what follows over the link. */
  readonly open: (frame: AttachFrame) => Promise<Watch>
  readonly onRefused: (frame: AttachFrame, error: unknown) => void
  /** There are as many as a link may have. */
  readonly onFull: (frame: AttachFrame) => void
}

/** What a link does with one session: while it attaches, what the client asks meanwhile waits, so that two watches never send into each other. */
type Place =
  | { readonly kind: 'attaching'; readonly waiting: (AttachFrame | DetachFrame)[] }
  | { readonly kind: 'attached'; readonly watch: Watch }

/** Begins without any. */
export function linkWatches({ limit, link, open, onRefused, onFull }: LinkWatchesStart): LinkWatches {
  const places = new Map<string, Place>()
  let turn = Promise.resolve()
  let isClosed = false

  function take(frame: AttachFrame | DetachFrame): void {
    const place = places.get(frame.session)
    if (place?.kind === 'attaching') place.waiting.push(frame)
    else if (frame.type === 'detach') end(frame.session)
    else if (place === undefined && isFull()) onFull(frame)
    else void attach(frame)
  }

  async function attach(frame: AttachFrame): Promise<void> {
    end(frame.session)
    const waiting: (AttachFrame | DetachFrame)[] = []
    places.set(frame.session, { kind: 'attaching', waiting })
    try {
      const watch = await inTurn(() => open(frame))
      if (isClosed) return watch.close()
      places.set(frame.session, { kind: 'attached', watch })
    } catch (error) {
      if (isClosed) return
      places.delete(frame.session)
      onRefused(frame, error)
    }
    for (const later of waiting) take(later)
  }

  // One at a time, and where the link has room: each may be answered by a snapshot, and all of them together would wait in memory.
  function inTurn(begin: () => Promise<Watch>): Promise<Watch> {
    const begun = turn.then(room).then(begin)
    turn = begun.then(
      () => undefined,
      () => undefined,
    )
    return begun
  }

  function room(): Promise<void> | undefined {
    return link.hasRoom() ? undefined : new Promise((resolve) => link.whenRoom(resolve))
  }

  function isFull(): boolean {
    if (places.size < limit) return false
    for (const [session, place] of places) if (place.kind === 'attached' && !place.watch.isOpen()) places.delete(session)
    return places.size >= limit
  }

  function end(session: string): void {
    const place = places.get(session)
    if (place?.kind === 'attached') place.watch.close()
    places.delete(session)
  }

  return {
    take,
    answered: () => turn,
    sent() {
      const sent: Record<string, number> = {}
      for (const [session, place] of places) if (place.kind === 'attached' && place.watch.isOpen()) sent[session] = place.watch.sent()
      return sent
    },
    close() {
      isClosed = true
      for (const session of places.keys()) end(session)
    },
  }
}
