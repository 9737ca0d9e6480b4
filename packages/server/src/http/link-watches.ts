import type { AttachFrame, DetachFrame } from '@throughline/sdk/protocol'
import type { Arrival, NoteArrival } from '../session/arrival.ts'
import { Refusal } from '../session/refusal.ts'
import type { Watch } from '../session/watch.ts'

/** What the watches of a link work with. */
export interface LinkWatchesStart {
  readonly limit: number
  /** Attaches, which sends `attached` and what follows over the link. */
  readonly open: (frame: AttachFrame, arrival: Arrival) => Promise<Watch>
  readonly noteArrival: NoteArrival
  readonly onRefused: (frame: AttachFrame, error: unknown) => void
}

/** What a link does with one session: while it attaches, what the client asks meanwhile waits, so that two watches never send into each other. */
type Attachment = { readonly kind: 'attaching'; readonly waiting: (() => void)[] } | { readonly kind: 'attached'; readonly watch: Watch }

/** The sessions that one link watches. Different ones attach at the same time: none waits for another that takes long. */
export class LinkWatches {
  readonly #start: LinkWatchesStart
  readonly #attachments = new Map<string, Attachment>()
  /** None is held by a link of which nothing is asked. */
  #underWay: Set<Promise<void>> | undefined
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

  /** Settles when no attach is unanswered. */
  async answered(): Promise<void> {
    while (this.#underWay !== undefined) await Promise.all(this.#underWay)
  }

  /** For each session, the last seq handed to the link. */
  sent(): Record<string, number> {
    const sent: Record<string, number> = {}
    for (const [session, attachment] of this.#attachments) if (attachment.kind === 'attached') sent[session] = attachment.watch.sent()
    return sent
  }

  /** Ends all. */
  close(): void {
    this.#isClosed = true
    for (const session of this.#attachments.keys()) this.#end(session)
  }

  #begin(frame: AttachFrame | DetachFrame, arrival: Arrival): void {
    const attachment = this.#attachments.get(frame.session)
    if (attachment?.kind === 'attaching') attachment.waiting.push(() => this.#begin(frame, arrival))
    else if (frame.type === 'detach') this.#end(frame.session)
    else if (attachment === undefined && this.#attachments.size >= this.#start.limit) this.#refuseFull(frame)
    else this.#attach(frame, arrival)
  }

  #attach(frame: AttachFrame, arrival: Arrival): void {
    this.#end(frame.session)
    const waiting: (() => void)[] = []
    this.#attachments.set(frame.session, { kind: 'attaching', waiting })
    const underWay = (this.#underWay ??= new Set())
    const attaching = this.#open(frame, arrival).then(() => {
      if (!this.#isClosed) for (const beginLater of waiting) beginLater()
      underWay.delete(attaching)
      if (underWay.size === 0) this.#underWay = undefined
    })
    underWay.add(attaching)
  }

  async #open(frame: AttachFrame, arrival: Arrival): Promise<void> {
    const { open, onRefused } = this.#start
    const { session } = frame
    try {
      const watch = await open(frame, arrival)
      if (this.#isClosed) return watch.close()
      this.#attachments.set(session, { kind: 'attached', watch })
      // The watch would keep its session in memory.
      watch.whenEnded(() => this.#attachments.delete(session))
    } catch (error) {
      if (this.#isClosed) return
      this.#attachments.delete(session)
      onRefused(frame, error)
    }
  }

  #refuseFull(frame: AttachFrame): void {
    const { limit, onRefused } = this.#start
    onRefused(frame, new Refusal('rate_limited', `this link watches ${limit} sessions, as many as it may: detach one first`))
  }

  #end(session: string): void {
    const attachment = this.#attachments.get(session)
    if (attachment?.kind === 'attached') attachment.watch.close()
    else this.#attachments.delete(session)
  }
}
