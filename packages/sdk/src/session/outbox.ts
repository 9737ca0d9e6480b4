import type { Clock } from '../clock.ts'
import { SessionError } from '../errors.ts'
import type { Log } from '../log.ts'
import { encodeFrame } from '../protocol/index.ts'
import type { AcceptedFrame, CommandFrame, CommandResult, RefusedFrame } from '../protocol/index.ts'
import { isGone } from './gone.ts'
import type { Replica } from './replica.ts'
import type { CommandVerdict, SavedCommand, SavedPort } from './saved-port.ts'

/** What an outbox needs. */
export interface OutboxOptions {
  readonly clock: Clock
  readonly log: () => Log
  /** Absent where nothing is saved. */
  readonly saved?: SavedPort | undefined
  /** Hands a command to the link, where its session is attached on it; says whether it did. */
  readonly deliver: (session: string, text: string) => boolean
}

interface Entry extends SavedCommand {
  /** Written once: what is sent again must be the same, whatever became of the app's objects. */
  readonly text: string
  readonly settled: Promise<CommandResult>
  readonly resolve: (result: CommandResult) => void
  readonly reject: (error: SessionError) => void
  /** By an earlier page: no app holds its promise. */
  readonly isRestored: boolean
  /** What has to be known before it goes: that it would survive a reload, and, before it goes again, that no other tab has settled it. */
  asked: Promise<CommandVerdict> | undefined
  delivered: boolean
}

// What somebody said yesterday may not fit any more.
const EXPIRY_MS = 86_400_000

const IGNORE = () => undefined

/** Of a command of an earlier page nothing has been asked before its session is attached here. */
const UNASKED = new Promise<never>(() => undefined)

/**
 * Commands that are not yet settled, in the order they were given. Each goes out once its session is attached and has caught up, and again
 * after every later `attached`, under the same id, until it is accepted, refused, or seen in the journal.
 */
export class Outbox {
  readonly #options: OutboxOptions
  readonly #entries = new Map<string, Entry>()
  /** Sessions whose commands the server does not want yet, each with the timer that ends the wait. */
  readonly #held = new Map<string, unknown>()
  #count = 0
  #latest = 0

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Takes a command; settles when it is. Throws `id_conflict` for an id that waits already: two answers could not be told apart. */
  add(frame: CommandFrame, text = encodeFrame(frame)): Promise<CommandResult> {
    const { id, session } = frame
    const { clock, saved } = this.#options
    if (this.#entries.has(id)) throw new SessionError('id_conflict', `a command with the id ${id} is on its way already: give each its own`)
    // A clock that was set back must not bring it before what was given earlier.
    this.#latest = Math.max(this.#latest, clock.now())
    const command = { frame, at: this.#latest, order: ++this.#count }
    const entry = this.#take(command, text, false)
    if (saved) this.#ask(entry, saved.put(command))
    this.#deliver(session, command.order)
    return entry.settled
  }

  /** Takes commands of an earlier page, given before all others. Those that are known are left out: what this page keeps, it finds there too. */
  restore(commands: readonly SavedCommand[]): void {
    for (const [index, { frame, at }] of commands.entries())
      if (!this.#entries.has(frame.id)) this.#take({ frame, at, order: index - commands.length }, encodeFrame(frame), true)
  }

  /** The commands of an earlier page that wait. */
  restored(session: string): readonly (readonly [command: CommandFrame, settled: Promise<CommandResult>])[] {
    return this.#of(session).flatMap(({ frame, settled, isRestored }) => (isRestored ? [[frame, settled] as const] : []))
  }

  /** Whether nothing waits, of one session or of all. */
  isEmpty(session?: string): boolean {
    return this.#of(session).length === 0
  }

  /** The session is attached and has caught up: everything of it that is not settled goes out, in order. */
  resume(session: string, replica: Replica): void {
    const { saved } = this.#options
    if (saved) for (const entry of this.#of(session)) this.#ask(entry, saved.check(entry, this.#isStale(entry) ? replica : undefined))
    this.#deliver(session)
  }

  /** Settles a command that took effect. */
  accept({ id, result }: AcceptedFrame): void {
    // Only a token has another result, and none has the id of a command.
    this.#settle(id, 'accepted')?.resolve(result as CommandResult)
  }

  /**
   * Settles a command that was refused; with `retryMs` all that is unsettled of its session waits instead, and then goes out again. Says
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

  /** A session failed. Where it is gone for good, what waits is rejected; else it may have taken effect, so it waits for the next attach. */
  fail(error: SessionError, session: string): void {
    if (!isGone(error)) return
    this.#release(session)
    for (const entry of this.#of(session)) this.#reject(entry, error)
  }

  /** Rejects what was given on this page, of one session or of all; what an earlier page gave waits on. */
  dismiss(error: SessionError, session?: string): void {
    this.#release(session)
    for (const entry of this.#of(session)) if (!entry.isRestored) this.#reject(entry, error)
  }

  /** Rejects everything, since it is another user's, and tells nobody else of it. */
  clear(error: SessionError): void {
    this.#release()
    const rejected = this.#of(undefined)
    this.#entries.clear()
    for (const { reject } of rejected) reject(error)
  }

  #take(command: SavedCommand, text: string, isRestored: boolean): Entry {
    let [resolve, reject]: [Entry['resolve'], Entry['reject']] = [IGNORE, IGNORE]
    const settled = new Promise<CommandResult>((...settle) => {
      ;[resolve, reject] = settle
    })
    const asked = isRestored && this.#options.saved ? UNASKED : undefined
    const entry = { ...command, text, settled, resolve, reject, isRestored, asked, delivered: false }
    this.#entries.set(command.frame.id, entry)
    return entry
  }

  /** Has a command wait for a verdict, and follow it. */
  #ask(entry: Entry, asked: Promise<CommandVerdict>): void {
    entry.asked = asked
    void asked.then((verdict) => {
      const { id, session } = entry.frame
      // It is settled already, or was asked about anew.
      if (this.#entries.get(id) !== entry || entry.asked !== asked) return
      entry.asked = undefined
      if (verdict.kind !== 'send') this.#entries.delete(id)
      if (verdict.kind === 'settled') entry.resolve({})
      if (verdict.kind === 'rejected') entry.reject(verdict.error)
      this.#deliver(session, entry.order)
    })
  }

  /** Whether it may not be sent any more. What was sent from here may have taken effect: only its answer can tell. */
  #isStale({ at, delivered }: Entry): boolean {
    return !delivered && this.#options.clock.now() - at > EXPIRY_MS
  }

  #deliver(session: string, from = -Infinity): void {
    if (this.#held.has(session)) return
    const { deliver, log } = this.#options
    for (const entry of this.#of(session)) {
      const isStale = this.#isStale(entry)
      // The page that gave it may have sent it: only a verdict ends its wait, and nobody waits behind it.
      if (isStale && entry.isRestored) continue
      // What is delivered before it is kept, or before what was given earlier, could take effect and be lost, or overtake.
      if (entry.asked) return
      if (entry.order < from) continue
      if (isStale) {
        this.#reject(entry, new SessionError('expired', `the ${entry.frame.type} waited for a day without a link and was not sent`))
        continue
      }
      if (!deliver(session, entry.text)) continue
      log()?.({ type: entry.delivered ? 'resend' : 'send', session, id: entry.frame.id, command: entry.frame.type })
      entry.delivered = true
    }
  }

  #hold({ frame: { session } }: Entry, retryMs: number): void {
    this.#release(session)
    const resume = () => {
      this.#held.delete(session)
      this.#deliver(session)
    }
    this.#held.set(session, this.#options.clock.setTimeout(resume, retryMs))
  }

  /** Ends the wait of one session, or of all. */
  #release(session?: string): void {
    for (const [held, timer] of this.#held) {
      if (session !== undefined && held !== session) continue
      this.#options.clock.clearTimeout(timer)
      this.#held.delete(held)
    }
  }

  #settle(id: string, by: 'accepted' | 'event'): Entry | undefined {
    const entry = this.#entries.get(id)
    if (!entry) return undefined
    this.#options.log()?.({ type: 'settled', id, by })
    this.#forget(id)
    return entry
  }

  #reject(entry: Entry, error: SessionError): void {
    const { frame, isRestored, reject } = entry
    if (!isRestored) {
      this.#forget(frame.id)
      return reject(error)
    }
    this.#entries.delete(frame.id)
    void Promise.resolve(this.#options.saved?.reject(entry, error)).then(() => reject(error))
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
