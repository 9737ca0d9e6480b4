import type { AttachFrame, DetachFrame } from '@throughline/sdk/protocol'
import type { ViewerLink } from '../journal/viewer-link.ts'
import type { Arrival, NoteArrival } from '../session/arrival.ts'
import { Refusal } from '../session/refusal.ts'
import type { Watch } from '../session/watch.ts'

/** What the watches of a link work with. */
export interface LinkWatchesStart {
  readonly limit: number
  readonly link: Pick<ViewerLink, 'inTurn'>
  /** Attaches, which sends `attached` and what follows over the link. */
  readonly open: (frame: AttachFrame, arrival: Arrival) => Promise<Watch>
  readonly noteArrival: NoteArrival
  readonly onRefused: (frame: AttachFrame, error: unknown) => void
}

/** What a link does with one session: while it attaches, what the client asks meanwhile waits, so that two watches never send into each other. */
type Place = { readonly kind: 'attaching'; readonly waiting: (() => void)[] } | { readonly kind: 'attached'; readonly watch: Watch }

/** The sessions that one link watches. */
export class LinkWatches {
  readonly #start: LinkWatchesStart
  readonly #places = new Map<string, Place>()
  #answered = Promise.resolve()
  #isClosed = false

  constructor(start: LinkWatchesStart) {
    this.#start = start
  }

  /** Watches a session, or watches it anew from another cursor, or no longer. */
  take(frame: AttachFrame | DetachFrame): void {
    this.#begin(
      frame,
      this.#start.noteArrival(() => !this.#isClosed),
    )
  }

  /** Settles when all attaches that were taken so far are answered. */
  answered(): Promise<void> {
    return this.#answered
  }

  /** For each session, the last seq handed to the link. */
  sent(): Record<string, number> {
    const sent: Record<string, number> = {}
    for (const [session, place] of this.#places) if (place.kind === 'attached' && place.watch.isOpen()) sent[session] = place.watch.sent()
    return sent
  }

  /** Ends all. */
  close(): void {
    this.#isClosed = true
    for (const session of this.#places.keys()) this.#end(session)
  }

  #begin(frame: AttachFrame | DetachFrame, arrival: Arrival): void {
    const place = this.#places.get(frame.session)
    if (place?.kind === 'attaching') place.waiting.push(() => this.#begin(frame, arrival))
    else if (frame.type === 'detach') this.#end(frame.session)
    else if (place === undefined && this.#isFull()) this.#refuseFull(frame)
    else void this.#attach(frame, arrival)
  }

  async #attach(frame: AttachFrame, arrival: Arrival): Promise<void> {
    const { link, open, onRefused } = this.#start
    this.#end(frame.session)
    const waiting: (() => void)[] = []
    this.#places.set(frame.session, { kind: 'attaching', waiting })
    const opening = link.inTurn(() => open(frame, arrival))
    this.#answered = opening.then(
      () => undefined,
      () => undefined,
    )
    try {
      const watch = await opening
      if (this.#isClosed) return watch.close()
      this.#places.set(frame.session, { kind: 'attached', watch })
    } catch (error) {
      if (this.#isClosed) return
      this.#places.delete(frame.session)
      onRefused(frame, error)
    }
    for (const beginLater of waiting) beginLater()
  }

  #refuseFull(frame: AttachFrame): void {
    const { limit, onRefused } = this.#start
    onRefused(frame, new Refusal('rate_limited', `this link watches ${limit} sessions, as many as it may: detach one first`))
  }

  #isFull(): boolean {
    const { limit } = this.#start
    if (this.#places.size < limit) return false
    for (const [session, place] of this.#places) if (place.kind === 'attached' && !place.watch.isOpen()) this.#places.delete(session)
    return this.#places.size >= limit
  }

  #end(session: string): void {
    const place = this.#places.get(session)
    if (place?.kind === 'attached') place.watch.close()
    this.#places.delete(session)
  }
}
