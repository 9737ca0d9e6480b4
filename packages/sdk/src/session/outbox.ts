import type { Clock } from '../clock.ts'
import { SessionError } from '../errors.ts'
import type { Log } from '../log.ts'
import { encodeFrame } from '../protocol/index.ts'
import type { AcceptedFrame, CommandFrame, CommandResult, RefusedFrame } from '../protocol/index.ts'

/** What an outbox needs. */
export interface OutboxOptions {
  readonly clock: Clock
  readonly log: () => Log
  /** Hands a command to the link, where its session is attached on it; says whether it did. */
  readonly deliver: (session: string, text: string) => boolean
}

interface Entry {
  readonly frame: CommandFrame
  readonly order: number
  /** Written once: what is sent again must be the same, whatever became of the app's objects. */
  readonly text: string
  readonly resolve: (result: AcceptedFrame['result']) => void
  readonly reject: (error: SessionError) => void
  delivered: boolean
}

/**
 * Commands that are not yet settled, in the order they were given. Each goes out once its session is attached, and again after
 * every later `attached`, under the same id, until it is accepted, refused, or seen in the journal.
 */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #entries = new Map<string, Entry>()
  /** Sessions whose commands the server does not want yet, with the place of the first one it refused. */
  readonly #held = new Map<string, { readonly from: number; readonly timer: unknown }>()
  #count = 0

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Takes a command; settles when it is. Throws `id_conflict` for an id that waits already: two answers could not be told apart. */
  add(frame: CommandFrame, text = encodeFrame(frame)): Promise<CommandResult> {
    const { id, session } = frame
    if (this.#entries.has(id)) throw new SessionError('id_conflict', `a command with the id ${id} is on its way already: give each its own`)
    const order = ++this.#count
    const settled = new Promise<AcceptedFrame['result']>((resolve, reject) => {
      this.#entries.set(id, { frame, order, text, resolve, reject, delivered: false })
    })
    this.#deliver(session, order)
    return settled
  }

  isEmpty(): boolean {
    return this.#entries.size === 0
  }

  /** The session is attached: everything of it that is not settled goes out, in order. */
  resume(session: string): void {
    this.#deliver(session, 0)
  }

  /** Settles a command that took effect. */
  accept({ id, result }: AcceptedFrame): void {
    this.#settle(id, 'accepted')?.resolve(result)
  }

  /**
   * Settles a command that was refused; with `retryMs` it waits instead, and goes out again with all that follows it. Says
   * whether there is such a command.
   */
  refuse({ id = '', code, message, retryMs }: RefusedFrame): boolean {
    const entry = this.#entries.get(id)
    if (!entry) return false
    if (retryMs === undefined) this.#settle(id, 'refused')?.reject(new SessionError(code, message))
    else this.#hold(entry, retryMs)
    return true
  }

  /** Settles a command whose own event stands in the journal: that says as much as its answer, which may have been lost. */
  observe(session: string, id: string, result: CommandResult): void {
    if (this.#entries.get(id)?.frame.session === session) this.#settle(id, 'event')?.resolve(result)
  }

  /** Rejects what waits, of one session or of all. */
  fail(error: SessionError, session?: string): void {
    for (const held of session === undefined ? [...this.#held.keys()] : [session]) this.#release(held)
    for (const { frame, reject } of this.#of(session)) {
      this.#entries.delete(frame.id)
      reject(error)
    }
  }

  #deliver(session: string, from: number): void {
    if (this.#held.has(session)) return
    const { deliver, log } = this.#options
    for (const entry of this.#of(session)) {
      if (entry.order < from || !deliver(session, entry.text)) continue
      log()?.({ type: entry.delivered ? 'resend' : 'send', session, id: entry.frame.id, command: entry.frame.type })
      entry.delivered = true
    }
  }

  #hold({ frame: { session }, order }: Entry, retryMs: number): void {
    const from = Math.min(order, this.#release(session) ?? order)
    const timer = this.#options.clock.setTimeout(() => {
      this.#held.delete(session)
      this.#deliver(session, from)
    }, retryMs)
    this.#held.set(session, { from, timer })
  }

  /** Ends a wait; says from where it would have sent again. */
  #release(session: string): number | undefined {
    const held = this.#held.get(session)
    this.#options.clock.clearTimeout(held?.timer)
    this.#held.delete(session)
    return held?.from
  }

  #settle(id: string, by: 'accepted' | 'refused' | 'event'): Entry | undefined {
    const entry = this.#entries.get(id)
    if (entry) this.#options.log()?.({ type: 'settled', id, by })
    this.#entries.delete(id)
    return entry
  }

  #of(session: string | undefined): Entry[] {
    return [...this.#entries.values()].filter(({ frame }) => session === undefined || frame.session === session)
  }
}
