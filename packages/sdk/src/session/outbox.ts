import type { Clock } from '../clock.ts'
import { SessionError } from '../errors.ts'
import type { Log } from '../log.ts'
import { encodeFrame } from '../protocol/index.ts'
import type { AcceptedFrame, CommandFrame, CommandResult, RefusedFrame } from '../protocol/index.ts'
import type { SavedCommand, SavedPort } from './saved-port.ts'
import { Unsent } from './unsent.ts'

/** What an outbox needs. */
export interface OutboxOptions {
  readonly clock: Clock
  readonly log: () => Log
  /** Absent where nothing is saved. */
  readonly saved?: SavedPort | undefined
  /** Hands a command to the link, where its session is attached on it; says whether it did. */
  readonly deliver: (session: string, text: string) => boolean
}

interface Entry {
  readonly frame: CommandFrame
  readonly order: number
  /** When it was given, in milliseconds since the epoch. */
  readonly at: number
  /** Written once: what is sent again must be the same, whatever became of the app's objects. */
  readonly text: string
  readonly resolve: (result: CommandResult) => void
  readonly reject: (error: SessionError) => void
  /** By an earlier page: no app holds its promise. */
  readonly isRestored: boolean
  /** Whether it would survive a reload, as far as that can be had; of an earlier page, whether it still does. */
  kept: boolean
  delivered: boolean
}

// What somebody said yesterday may not fit any more.
const EXPIRY_MS = 86_400_000

/**
 * Commands that are not yet settled, in the order they were given. Each goes out once its session is attached and has caught up, and again
 * after every later `attached`, under the same id, until it is accepted, refused, or seen in the journal.
 */
export class Outbox {
  /** Commands of earlier pages that were rejected. */
  readonly unsent: Unsent
  readonly #options: OutboxOptions
  readonly #entries = new Map<string, Entry>()
  /** Sessions whose commands the server does not want yet, with the place of the first one it refused. */
  readonly #held = new Map<string, { readonly from: number; readonly timer: unknown }>()
  #count = 0

  constructor(options: OutboxOptions) {
    this.#options = options
    this.unsent = new Unsent(options.saved)
  }

  /** Takes a command; settles when it is. Throws `id_conflict` for an id that waits already: two answers could not be told apart. */
  add(frame: CommandFrame, text = encodeFrame(frame)): Promise<CommandResult> {
    const { id, session } = frame
    const { clock, saved } = this.#options
    if (this.#entries.has(id)) throw new SessionError('id_conflict', `a command with the id ${id} is on its way already: give each its own`)
    const command = { frame, at: clock.now(), order: ++this.#count }
    const settled = this.#take(command, text, { isRestored: false, kept: !saved })
    void saved?.put(command).then(() => {
      const entry = this.#entries.get(id)
      if (entry) entry.kept = true
      this.#deliver(session, command.order)
    })
    this.#deliver(session, command.order)
    return settled
  }

  /**
   * Takes commands of an earlier page, given before all others; gives those that wait now. Those that are known are left out: what this page
   * keeps, it finds there too.
   */
  restore(commands: readonly SavedCommand[]): (readonly [command: CommandFrame, settled: Promise<CommandResult>])[] {
    return commands.flatMap(({ frame, at, error }, index) => {
      if (this.#entries.has(frame.id)) return []
      if (error) this.unsent.found(frame, new SessionError(error.code, error.message))
      const command = { frame, at, order: index - commands.length }
      return error ? [] : [[frame, this.#take(command, encodeFrame(frame), { isRestored: true, kept: false })] as const]
    })
  }

  /** Whether nothing waits, of one session or of all. */
  isEmpty(session?: string): boolean {
    return this.#of(session).length === 0
  }

  /** The session is attached and has caught up: everything of it that is not settled goes out, in order. */
  resume(session: string): void {
    for (const entry of this.#of(session)) if (!entry.kept && entry.isRestored) void this.#confirm(entry)
    this.#deliver(session, Number.NEGATIVE_INFINITY)
  }

  /** Settles a command that took effect. */
  accept({ id, result }: AcceptedFrame): void {
    // Only a token has another result, and none has the id of a command.
    this.#settle(id, 'accepted')?.resolve(result as CommandResult)
  }

  /**
   * Settles a command that was refused; with `retryMs` it waits instead, and goes out again with all that follows it. Says
   * whether there is such a command.
   */
  refuse({ id = '', code, message, retryMs }: RefusedFrame): boolean {
    const entry = this.#entries.get(id)
    if (!entry) return false
    if (retryMs !== undefined) this.#hold(entry, retryMs)
    else {
      this.#options.log()?.({ type: 'settled', id, by: 'refused' })
      this.#reject(entry, new SessionError(code, message))
    }
    return true
  }

  /** Settles a command whose own event stands in the journal: that says as much as its answer, which may have been lost. */
  observe(session: string, id: string, result: CommandResult): void {
    if (this.#entries.get(id)?.frame.session === session) this.#settle(id, 'event')?.resolve(result)
  }

  /** Rejects what waits of a session. */
  fail(error: SessionError, session: string): void {
    this.#release(session)
    for (const entry of this.#of(session)) this.#reject(entry, error)
  }

  /** Rejects what was given on this page, of one session or of all; what an earlier page gave waits on. */
  dismiss(error: SessionError, session?: string): void {
    for (const held of session === undefined ? [...this.#held.keys()] : [session]) this.#release(held)
    for (const entry of this.#of(session)) if (!entry.isRestored) this.#reject(entry, error)
  }

  /** Rejects everything, since it is another user's, and tells nobody else of it. */
  clear(error: SessionError): void {
    this.unsent.clear()
    for (const held of this.#held.keys()) this.#release(held)
    const rejected = this.#of(undefined)
    this.#entries.clear()
    for (const { reject } of rejected) reject(error)
  }

  #take({ frame, at, order }: SavedCommand, text: string, how: Pick<Entry, 'isRestored' | 'kept'>): Promise<CommandResult> {
    return new Promise<CommandResult>((resolve, reject) => {
      this.#entries.set(frame.id, { frame, at, order, text, resolve, reject, delivered: false, ...how })
    })
  }

  /** Looks whether another tab has settled a command of an earlier page, which must not take effect after it was told as failed there. */
  async #confirm(entry: Entry): Promise<void> {
    const { id, session } = entry.frame
    const isKept = await (this.#options.saved?.isKept(id) ?? true)
    if (entry.kept || this.#entries.get(id) !== entry) return
    if (isKept) entry.kept = true
    else {
      this.#entries.delete(id)
      entry.resolve({})
    }
    this.#deliver(session, entry.order)
  }

  #deliver(session: string, from: number): void {
    if (this.#held.has(session)) return
    const { clock, deliver, log } = this.#options
    for (const entry of this.#of(session)) {
      // What is delivered before it is kept, or before what was given earlier, could take effect and be lost, or overtake.
      if (!entry.kept) return
      if (entry.order < from) continue
      if (!entry.delivered && clock.now() - entry.at > EXPIRY_MS) {
        this.#reject(entry, new SessionError('expired', `the ${entry.frame.type} waited for a day without a link and was not sent`))
        continue
      }
      if (!deliver(session, entry.text)) continue
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

  #settle(id: string, by: 'accepted' | 'event'): Entry | undefined {
    const entry = this.#entries.get(id)
    if (!entry) return undefined
    this.#options.log()?.({ type: 'settled', id, by })
    this.#forget(id)
    return entry
  }

  #reject(entry: Entry, error: SessionError): void {
    if (entry.isRestored) {
      this.#entries.delete(entry.frame.id)
      this.unsent.add(entry, error)
    } else this.#forget(entry.frame.id)
    entry.reject(error)
  }

  #forget(id: string): void {
    this.#entries.delete(id)
    this.#options.saved?.drop(id)
  }

  #of(session: string | undefined): Entry[] {
    return [...this.#entries.values()]
      .filter(({ frame }) => session === undefined || frame.session === session)
      .sort((a, b) => a.order - b.order)
  }
}
