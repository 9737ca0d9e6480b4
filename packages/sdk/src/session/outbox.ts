import type { Clock } from '../clock.ts'
import { SessionError } from '../errors.ts'
import type { Log } from '../log.ts'
import { encodeFrame } from '../protocol/index.ts'
import type { AcceptedFrame, CommandFrame, CommandResult, RefusedFrame } from '../protocol/index.ts'
import { isGone } from './gone.ts'
import type { Replica } from './replica.ts'
import type { CommandVerdict, SavedCommand, SavedPort, WaitingCommand } from './saved-port.ts'

/** What an outbox needs. */
export interface OutboxOptions {
  readonly clock: Clock
  readonly log: () => Log
  /** Absent where nothing is saved. */
  readonly saved?: SavedPort | undefined
  /** Hands a command to the link. */
  readonly send: (text: string) => void
  /** What a session shows, where it is attached and has caught up: only then its commands may go. */
  readonly replica: (session: string) => Replica | undefined
}

/** A command of an earlier page that waits here. */
export interface RestoredCommand {
  readonly frame: CommandFrame
  /** Without a result where it was settled, but not by its answer. */
  readonly settled: Promise<CommandResult | undefined>
}

interface Entry extends WaitingCommand, RestoredCommand {
  /** Written once: what is sent again must be the same, whatever became of the app's objects. */
  readonly text: string
  readonly resolve: (result?: CommandResult) => void
  readonly reject: (error: SessionError) => void
  /** It may have taken effect: however old it is, its answer is needed. */
  wasSent: boolean
  standing: Standing
}

type Standing =
  /** It is asked what is to become of it when its session has caught up next. */
  | { readonly kind: 'unasked' }
  /** What must be known before it goes: that it would survive a reload, and, before it goes again, that no other tab has settled it. */
  | { readonly kind: 'asking' }
  | { readonly kind: 'ready' }
  /** On its way over this link, which answers it or ends: a second one could take effect after the first was refused. */
  | { readonly kind: 'out' }

// What somebody said yesterday may not fit any more.
const EXPIRY_MS = 86_400_000

const IGNORE = () => undefined

const UNASKED: Standing = { kind: 'unasked' }
const READY: Standing = { kind: 'ready' }
const OUT: Standing = { kind: 'out' }

/**
 * Commands that are not yet settled, in the order they were given. Each goes out once its session is attached and has caught up, and again
 * so on every later link, under the same id, until it is accepted, refused, or seen in the journal.
 */
export class Outbox {
  readonly #options: OutboxOptions
  /** In the order in which they were given. */
  #entries = new Map<string, Entry>()
  /** Sessions whose commands the server does not want yet, each with the timer that ends the wait. */
  readonly #held = new Map<string, unknown>()
  #count = 0
  #latest = 0

  constructor(options: OutboxOptions) {
    this.#options = options
  }

  /** Takes a command; settles when it is. Throws `id_conflict` for an id that waits already: two answers could not be told apart. */
  add(frame: CommandFrame, text?: string): Promise<CommandResult> {
    const { id, session } = frame
    const { clock, saved } = this.#options
    if (this.#entries.has(id)) throw new SessionError('id_conflict', `a command with the id ${id} is on its way already: give each its own`)
    // A clock that was set back must not bring it before what was given earlier.
    this.#latest = Math.max(this.#latest, clock.now())
    const command = { frame, at: this.#latest, order: ++this.#count }
    const entry = this.#take(command, false, text)
    if (saved) this.#ask(entry, saved.put(command))
    this.#deliver(session)
    // Only what an earlier page gave settles without a result.
    return entry.settled as Promise<CommandResult>
  }

  /** Takes commands of an earlier page, given before all others. Those that are known are left out: what this page keeps, it finds there too. */
  restore(commands: readonly SavedCommand[]): void {
    const given = this.#entries
    this.#entries = new Map()
    for (const command of commands) if (!given.has(command.frame.id)) this.#take(command, true)
    this.#entries = new Map([...this.#entries, ...given])
  }

  /** The commands of an earlier page that wait. */
  restored(session: string): readonly RestoredCommand[] {
    return this.#of(session).filter(({ isRestored }) => isRestored)
  }

  /** Whether nothing waits, of one session or of all. */
  isEmpty(session?: string): boolean {
    return this.#of(session).length === 0
  }

  /** Where the session is attached and has caught up, everything of it that is neither settled nor on its way goes out, in order. */
  resume(session: string): void {
    const { saved, replica } = this.#options
    const shown = replica(session)
    if (!shown) return
    if (saved)
      for (const entry of this.#of(session))
        if (entry.standing.kind !== 'out') this.#ask(entry, saved.check(entry, this.#isStale(entry) ? shown : undefined))
    this.#deliver(session)
  }

  /** The link is lost, and with it the answers to what was on its way. */
  unlinked(): void {
    for (const entry of this.#entries.values()) if (entry.standing.kind === 'out') entry.standing = READY
  }

  /** Settles a command that took effect. */
  accept({ id, result }: AcceptedFrame): void {
    // Only a token has another result, and none has the id of a command.
    this.#settle(id, 'accepted', result as CommandResult)
  }

  /**
   * Settles a command that was refused; with `retryMs` it waits instead, and what follows it of its session behind it, and then goes out again.
   * Says whether there is such a command.
   */
  refuse({ id = '', code, message, retryMs }: RefusedFrame): boolean {
    const entry = this.#entries.get(id)
    if (!entry) return false
    if (retryMs === undefined) {
      this.#options.log()?.({ type: 'settled', id, by: 'refused' })
      this.#reject(entry, new SessionError(code, message))
    } else {
      entry.standing = READY
      this.#hold(entry.frame.session, retryMs)
    }
    return true
  }

  /** Settles a command whose own event stands in the journal: that says as much as its answer, which may have been lost. */
  observe(session: string, id: string, result: CommandResult): void {
    if (this.#entries.get(id)?.frame.session === session) this.#settle(id, 'event', result)
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
    for (const { frame, isRestored, reject } of this.#of(session)) {
      if (isRestored) continue
      this.#forget(frame.id)
      reject(error)
    }
  }

  /** Rejects everything, since it is another user's, and tells nobody else of it. */
  clear(error: SessionError): void {
    this.#release()
    const rejected = this.#entries
    this.#entries = new Map()
    for (const { reject } of rejected.values()) reject(error)
  }

  #take(command: SavedCommand, isRestored: boolean, text = encodeFrame(command.frame)): Entry {
    let [resolve, reject]: [Entry['resolve'], Entry['reject']] = [IGNORE, IGNORE]
    const settled = new Promise<CommandResult | undefined>((...settle) => {
      ;[resolve, reject] = settle
    })
    const standing = isRestored && this.#options.saved ? UNASKED : READY
    const entry: Entry = { ...command, text, settled, resolve, reject, isRestored, standing, wasSent: false }
    this.#entries.set(command.frame.id, entry)
    return entry
  }

  /** Has a command wait for a verdict, and follow it. */
  #ask(entry: Entry, asked: Promise<CommandVerdict>): void {
    const { id, session } = entry.frame
    const asking: Standing = { kind: 'asking' }
    entry.standing = asking
    void asked.then((verdict) => {
      // It is settled already, or was asked about anew.
      if (this.#entries.get(id) !== entry || entry.standing !== asking) return
      const { kind } = verdict
      entry.standing = kind === 'wait' ? UNASKED : READY
      if (kind === 'resend') entry.wasSent = true
      if (kind === 'settled' || kind === 'rejected') this.#entries.delete(id)
      if (kind === 'settled') entry.resolve()
      if (kind === 'rejected') entry.reject(verdict.error)
      this.#deliver(session)
    })
  }

  /** Whether it may not be sent any more. What was sent from here may have taken effect: only its answer can tell. */
  #isStale({ at, wasSent }: Entry): boolean {
    return !wasSent && this.#options.clock.now() - at > EXPIRY_MS
  }

  #deliver(session: string): void {
    if (this.#held.has(session)) return
    const { send, replica, log } = this.#options
    for (const entry of this.#of(session)) {
      const { frame, isRestored, text, wasSent } = entry
      const { kind } = entry.standing
      const isStale = this.#isStale(entry)
      // The page that gave it, or another tab, may have sent it: only a verdict ends its wait, and nobody waits behind it.
      if (kind === 'out' || (isStale && (isRestored || kind !== 'ready'))) continue
      // What is delivered before it is kept, or before what was given earlier, could take effect and be lost, or overtake.
      if (kind !== 'ready' || !replica(session)) return
      if (isStale) this.#reject(entry, new SessionError('expired', `the ${frame.type} waited for a day without a link and was not sent`))
      else {
        // First: a listener of the log may give another command, and with that all go that are ready.
        entry.standing = OUT
        entry.wasSent = true
        send(text)
        log()?.({ type: wasSent ? 'resend' : 'send', session, id: frame.id, command: frame.type })
      }
    }
  }

  #hold(session: string, retryMs: number): void {
    this.#release(session)
    const resume = () => {
      this.#held.delete(session)
      this.resume(session)
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

  #settle(id: string, by: 'accepted' | 'event', result: CommandResult): void {
    const entry = this.#entries.get(id)
    if (!entry) return
    this.#options.log()?.({ type: 'settled', id, by })
    this.#forget(id)
    entry.resolve(result)
  }

  /** Tells that it will not be sent, once its record says so: what is told must not be sent by a later page. */
  #reject(entry: Entry, error: SessionError): void {
    const { frame, isRestored, reject } = entry
    const { saved } = this.#options
    const written = isRestored ? saved?.reject(entry, error) : saved?.drop(frame.id)
    this.#entries.delete(frame.id)
    void Promise.resolve(written).then(() => reject(error))
  }

  #forget(id: string): void {
    this.#entries.delete(id)
    void this.#options.saved?.drop(id)
  }

  #of(session: string | undefined): Entry[] {
    return [...this.#entries.values()].filter(({ frame }) => session === undefined || frame.session === session)
  }
}
