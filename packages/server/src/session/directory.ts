import type { DirectoryFrame, SessionEntry } from '@throughline/sdk/protocol'
import type { Timers } from '../timers.ts'

/** Changes of a session are told at most this often. */
const GATHER_MS = 1000

interface Subscriber {
  readonly listener: (frame: DirectoryFrame) => void
  /** What changed since the last frame, by session. */
  readonly changed: Map<string, SessionEntry>
  readonly gone: Set<string>
  timer: unknown
  toldAt: number
}

/** Tells principals what changes in their lists of sessions. */
export class Directory {
  readonly #timers: Timers
  readonly #subscribers = new Map<string, Set<Subscriber>>()

  constructor(timers: Timers) {
    this.#timers = timers
  }

  /** Tells a listener every later change of a principal's sessions. The answer stops it. */
  subscribe(principal: string, listener: (frame: DirectoryFrame) => void): () => void {
    const subscriber: Subscriber = { listener, changed: new Map(), gone: new Set(), timer: undefined, toldAt: Number.NEGATIVE_INFINITY }
    const subscribers = this.#subscribers.get(principal) ?? new Set()
    this.#subscribers.set(principal, subscribers.add(subscriber))
    return () => {
      this.#timers.clearTimeout(subscriber.timer)
      subscribers.delete(subscriber)
      if (subscribers.size === 0) this.#subscribers.delete(principal)
    }
  }

  /** Whether anybody listens for this principal. */
  hasSubscribers(principal: string): boolean {
    return this.#subscribers.has(principal)
  }

  changed(principal: string, entry: SessionEntry): void {
    this.#note(principal, ({ changed, gone }) => {
      gone.delete(entry.id)
      changed.set(entry.id, entry)
    })
  }

  gone(principal: string, session: string): void {
    this.#note(principal, ({ changed, gone }) => {
      changed.delete(session)
      gone.add(session)
    })
  }

  #note(principal: string, note: (subscriber: Subscriber) => void): void {
    for (const subscriber of this.#subscribers.get(principal) ?? []) {
      note(subscriber)
      const waitMs = Math.max(0, subscriber.toldAt + GATHER_MS - this.#timers.now())
      subscriber.timer ??= this.#timers.setTimeout(() => this.#tell(subscriber), waitMs)
    }
  }

  #tell(subscriber: Subscriber): void {
    const { changed, gone, listener } = subscriber
    subscriber.timer = undefined
    subscriber.toldAt = this.#timers.now()
    const frame: DirectoryFrame = { type: 'directory', sessions: [...changed.values()], ...(gone.size > 0 && { gone: [...gone] }) }
    changed.clear()
    gone.clear()
    listener(frame)
  }
}
