import { serverAsker } from './ask-server.ts'
import { serverCalls, type ServerCalls } from './call-server.ts'
import type { ClientEvents } from './client-events.ts'
import { dialPreparer } from './connection/prepare-dial.ts'
import { keepConnected, type Connection } from './connection/reconnect.ts'
import type { ConnectionState } from './connection/transition.ts'
import { createDirectory, type Directory } from './directory.ts'
import { SessionError } from './errors.ts'
import { createFollowedSessions, type FollowedSessions } from './followed-sessions.ts'
import { idMint } from './id-mint.ts'
import { keepSaved, type Saved } from './keep-saved.ts'
import { listOpen } from './list-open.ts'
import { createListeners, reportUncaught } from './listeners.ts'
import type { Log } from './log.ts'
import { resolveOptions, type ConnectOptions, type ResolvedOptions } from './options.ts'
import { LIMITS } from './protocol/index.ts'
import type { DecodedServerFrame, Limits, SessionEntry } from './protocol/index.ts'
import { routeFrame, type FrameTakers } from './route-frame.ts'
import {
  sessionCalls,
  type CreateOptions,
  type SessionCalls,
  type SessionChange,
  type SessionPage,
  type SessionQuery,
} from './session-calls.ts'
import { BLANK_REPLICA } from './session/replica.ts'
import type { Session } from './session/session.ts'
import type { WakeSignal } from './wake/wake-source.ts'

/** How to follow a session. */
export interface FollowOptions {
  /**
   * Whether to be its only view: other tabs and devices of the user that have it get the failure `superseded`, and come back only by their
   * `retry()`, which then takes it from this one. @default false, all see all
   */
  readonly exclusive?: boolean | undefined
}

/**
 * Connects to a server. Nothing is dialled before a session or the directory is asked for. Throws `invalid` for what is no URL.
 *
 * @param url the server's origin, with a path where it has one
 */
export function connect(url: string, options: ConnectOptions = {}): Client {
  return new Client(resolveOptions(url, options))
}

/** A connection to one server, for one user: one link, however many sessions are followed over it. */
export class Client {
  readonly #listeners = createListeners<ClientEvents>((error, name) => this.#report(error, name))
  readonly #clock
  readonly #mint: () => string
  readonly #calls: ServerCalls
  readonly #remote: SessionCalls
  readonly #sessions: FollowedSessions
  readonly #saved: Saved | undefined
  readonly #directory: Directory
  readonly #takers: FrameTakers
  readonly #connection: Connection
  readonly #stopListening: () => void
  #principal: string | undefined
  #restoring: Promise<readonly Session[]> | undefined

  /** Clients are made by {@link connect}. */
  constructor(options: ResolvedOptions) {
    const { clock, random, wake, user } = options
    const mint = idMint(random)
    const parts = { ...options, mint, ask: serverAsker(options), log: () => this.#log(), report: (error: unknown) => this.#report(error) }
    let limits = LIMITS
    this.#clock = clock
    this.#mint = mint
    this.#calls = serverCalls(parts)
    this.#remote = sessionCalls(this.#calls.call)
    this.#saved = keepSaved({ ...parts, call: this.#calls.call, onCommands: (commands) => this.#sessions.takeUp(commands) })
    const directory = createDirectory({
      ask: () => this.#connection.send({ type: 'watch' }),
      onGone: (session) => this.#clean(session),
      onClosed: (session) => this.#listeners.emit('closed', session),
      onChange: (entries) => this.#listeners.emit('directory', entries),
    })
    const sessions = createFollowedSessions({
      ...parts,
      saved: this.#saved,
      call: this.#calls.call,
      limits: () => limits,
      connection: () => this.#connection,
    })
    const { attachments, outbox } = sessions
    const onLimits = (given: Limits) => {
      limits = given
    }
    this.#directory = directory
    this.#sessions = sessions
    this.#takers = { ...parts, attachments, outbox, directory, onLimits }
    this.#connection = keepConnected({
      ...parts,
      prepare: dialPreparer(parts),
      isNeeded: () => directory.isWatched() || [...attachments.values()].some(({ isFollowed }) => isFollowed()),
      isAttaching: () => [...attachments.values()].some(({ isAttaching }) => isAttaching()),
      onState: (state) => {
        if (state.status === 'closed') outbox.dismiss(state.reason)
        this.#listeners.emit('state', state)
      },
      onOpen: () => {
        sessions.linked()
        directory.linked()
      },
      onPrincipal: (principal) => this.#own(principal),
      onFrame: (decoded) => this.#take(decoded),
      onLost: sessions.unlinked,
    })
    this.#stopListening = wake.listen((news) => {
      if (news === 'hidden') this.#saved?.flush()
      this.#connection.wake(news)
    })
    if (user !== undefined) this.#own(user)
  }

  /** Where the client stands with its server. */
  get state(): ConnectionState {
    return this.#connection.state()
  }

  /** The sessions of the user, newest first, kept up to date after `watch()`. Undefined until they are known, which is not the same as none. */
  get directory(): readonly SessionEntry[] | undefined {
    return this.#directory.entries()
  }

  /** Who the user is, as the server says, or before it the `user` option. Undefined while nobody has said it. */
  get principal(): string | undefined {
    return this.#principal
  }

  /** Adds a listener; what comes back removes it. */
  on<Name extends keyof ClientEvents>(name: Name, listener: (...args: ClientEvents[Name]) => void): () => void {
    return this.#listeners.on(name, listener)
  }

  /** Creates a session, or gives that of the key, and follows it. Rejects with `unreachable` while the server cannot be reached. */
  async create(options: CreateOptions = {}): Promise<Session> {
    const entry = await this.#remote.create({ ...options, key: options.key ?? this.#mint() })
    return this.session(entry.id)
  }

  /** Follows a session; the same object for the same id until it is detached. What is wrong with it is in its `state.failure`. */
  session(id: string, { exclusive = false }: FollowOptions = {}): Session {
    this.#assertOpen()
    const session = this.#sessions.follow(id)
    if (exclusive) session.claim()
    return session
  }

  /** The session of this id, if it is followed already; follows nothing, so that a view may ask while it is being rendered. */
  followed(id: string): Session | undefined {
    return this.#sessions.get(id)
  }

  /** Lists sessions, newest first, a page at a time. Rejects where they cannot be loaded, which is not the same as none. */
  sessions(query: SessionQuery = {}): Promise<SessionPage> {
    return this.#remote.list(query)
  }

  /**
   * Follows the sessions of the user's layout again, in its order, and hears from then on which are `closed`. One that fails is in its place, with
   * its own `failure` and `retry()`; so do those beyond the 64 that a link may follow (`rate_limited`), until others are detached. `openLayout` of
   * `@throughline/sdk/layout` follows only what is looked at. Rejects where the list cannot be loaded; then nothing has changed.
   */
  restore(): Promise<readonly Session[]> {
    return (this.#restoring ??= this.#restore().finally(() => {
      this.#restoring = undefined
    }))
  }

  async #restore(): Promise<readonly Session[]> {
    const principal = this.#principal
    const open = await listOpen(this.#remote.list)
    // It was another's list.
    if (principal !== undefined && principal !== this.#principal) return this.#restore()
    this.#directory.expect(open)
    this.watch()
    return open.map(({ id }) => this.session(id))
  }

  /** Keeps `directory` up to date from now on. */
  watch(): void {
    this.#assertOpen()
    if (this.#directory.watch()) this.#connection.need()
  }

  /** Changes title or layout of a session. Rejects with `unreachable` while the server cannot be reached. */
  update(id: string, change: SessionChange): Promise<SessionEntry> {
    return this.#remote.update(id, change)
  }

  /** Removes a session with everything that belongs to it. */
  async delete(id: string): Promise<void> {
    await this.#remote.delete(id)
    this.#clean(id)
  }

  /** Checks the link now: a good one stays, a dead one is replaced, a wait is cut short. Dials again also where the server had closed for good. */
  wake(signal: WakeSignal = 'app'): void {
    this.#connection.wake(signal)
  }

  /**
   * A value that the app kept with `remember`; undefined where there is none, or no storage, or none that answers within two seconds. Waits until it
   * is known who the user is, or the client is closed.
   */
  async recall(name: string): Promise<unknown> {
    return this.#saved?.recall(name)
  }

  /** Keeps a small JSON value of the app's own beside the saved state of the user, for 30 days or until `signOut()`; undefined removes it. */
  async remember(name: string, value: unknown): Promise<void> {
    await this.#saved?.remember(name, value)
  }

  /**
   * Closes the client, and removes everything that is kept of the user in this browser: transcripts, unsent commands, drafts. Settles when that is
   * done, or after two seconds of a storage that is too slow: what is left then is not read any more, and the next page removes it. Other tabs keep
   * what they show, and keep it again, until they are signed out, too. Rejects with `unreachable`, the client closed and nothing removed, where the
   * code that removes cannot be loaded within two seconds.
   */
  async signOut(): Promise<void> {
    const cleared = this.#saved?.clear()
    this.close()
    await cleared
  }

  /**
   * Lets go of everything: the link, all sessions, timers and listeners. Runs go on. Commands that wait are rejected with `closed`, and whoever
   * listens to a session is told its `failure` `closed`, as the last thing.
   */
  close(): void {
    this.#stopListening()
    const error = new SessionError('closed', 'the client was closed by the app')
    this.#connection.close(error)
    this.#calls.close(error)
    this.#saved?.close()
    this.#sessions.end()
    this.#listeners.clear()
  }

  #take(decoded: DecodedServerFrame): void {
    try {
      if (decoded.kind === 'frame') routeFrame(decoded.frame, this.#takers)
      else if (decoded.kind === 'malformed') {
        const { session, fault } = decoded
        if (session === undefined) this.#connection.repair(fault)
        else this.#takers.attachments.get(session)?.malformed(fault)
      }
    } catch (error) {
      // What is inside an event is not checked, so anything may be found there.
      this.#report(error)
      this.#connection.repair('a frame could not be taken')
    }
  }

  /** Says whose everything is from now on. */
  #own(principal: string): void {
    const before = this.#principal
    this.#saved?.own(principal)
    if (principal === before) return
    this.#principal = principal
    if (before !== undefined) {
      this.#directory.forget()
      this.#sessions.disown(new SessionError('principal', `the command was given by ${before}, and ${principal} is signed in now`))
    }
    this.#listeners.emit('principal', principal)
  }

  /** Keeps nothing of a session that is gone. */
  #clean(session: string): void {
    this.#saved?.changed(session, () => BLANK_REPLICA)
  }

  #assertOpen(): void {
    const { state } = this
    if (state.status === 'closed' && state.reason.code === 'closed') throw state.reason
  }

  #log(): Log {
    if (!this.#listeners.has('log')) return undefined
    return (entry) => this.#listeners.emit('log', { ...entry, at: this.#clock.now() })
  }

  #report(error: unknown, thrownBy?: keyof ClientEvents): void {
    if (thrownBy !== 'error' && this.#listeners.has('error')) this.#listeners.emit('error', error)
    else reportUncaught(error)
  }
}
