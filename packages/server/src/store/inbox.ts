import type { InboxEntry } from './port.ts'

/** The commands that wait for the writers of sessions, in a store that one process has for itself. */
export class Inbox {
  readonly #waiting = new Map<string, readonly InboxEntry[]>()

  /** Says whether the entry is new. */
  post(session: string, entry: InboxEntry): boolean {
    const waiting = this.entries(session)
    if (waiting.some(({ id }) => id === entry.id)) return false
    this.#waiting.set(session, [...waiting, entry])
    return true
  }

  /** Oldest first. */
  entries(session: string): readonly InboxEntry[] {
    return this.#waiting.get(session) ?? []
  }

  take(session: string, ids: readonly string[]): void {
    const left = this.entries(session).filter(({ id }) => !ids.includes(id))
    if (left.length === 0) this.#waiting.delete(session)
    else this.#waiting.set(session, left)
  }

  drop(session: string): void {
    this.#waiting.delete(session)
  }
}
