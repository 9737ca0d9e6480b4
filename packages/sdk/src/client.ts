import { serverAsker } from './ask-server.ts'
import { serverCalls, type ServerCalls } from './call-server.ts'
import { dialPreparer } from './connection/prepare-dial.ts'
import { keepConnected, type Connection } from './connection/reconnect.ts'
import type { ConnectionState } from './connection/transition.ts'
import { applyDirectory, closedSince } from './directory.ts'
import { SessionError } from './errors.ts'
import { idMint } from './id-mint.ts'
import { keepSaved, type Saved } from './keep-saved.ts'
import { listOpen } from './list-open.ts'
import { createListeners } from './listeners.ts'
import type { Log, LogRecord } from './log.ts'
import { resolveOptions, type ConnectOptions, type ResolvedOptions } from './options.ts'
import { LIMITS } from './protocol/index.ts'
import type { DecodedServerFrame, DirectoryFrame, Limits, ServerFrame, SessionEntry, SessionStatus } from './protocol/index.ts'
import type { Attachment } from './session/attachment.ts'
import type { SavedCommand } from './session/saved-port.ts'
import { Outbox } from './session/outbox.ts'
import { BLANK_REPLICA } from './session/replica.ts'
import { Session } from './session/session.ts'
import type { SessionPort } from './session/session-port.ts'
import type { WakeSignal } from './wake/wake-source.ts'

/** What a client tells its listeners. */
export interface ClientEvents {
  state: [state: ConnectionState]
  /** The directory changed; only after `watch()`. */
  directory: [entries: readonly SessionEntry[]]
  /** An open session was closed or deleted, here or on another device; only after `watch()` or `restore()`. */
  closed: [session: string]
  /** The server has said whose token it is, or the app in its `user` option; or it is another's now: nothing of the one before is left. */
  principal: [principal: string]
  /** What happened on the wire, for those who want to look. Costs nothing where nobody listens. */
  log: [record: LogRecord]
  /** A listener threw, or the server refused something that no call is waiting for. */
  error: [error: unknown]
}

/** How to make a session. */
export interface CreateOptions {
  /** The app's own name for it, unique for the user: a second create with it gives the same session. @default a new one */
  readonly key?: string | undefined
  readonly title?: string | undefined
  /** Which agent of the server answers. @default the server's default */
  readonly agent?: string | undefined
}

/** How to follow a session. */
export interface FollowOptions {
  /**
   * Whether to be its only view: other tabs and devices of the user that have it get the failure `superseded`, and come back only by their
   * `retry()`, which then takes it from this one. @default false, all see all
   */
  readonly exclusive?: boolean | undefined
}

/** Which sessions to list: newest first. */
export interface SessionQuery {
  readonly open?: boolean | undefined
  readonly status?: SessionStatus | undefined
  /** An `updatedAt`: only older ones. */
  readonly before?: number | undefined
  readonly limit?: number | undefined
}

/** What may be changed of a session for this user. `open: false` closes it: what runs is stopped, and it leaves the layout. */
export interface SessionChange {
  readonly title?: string | undefined
  readonly open?: boolean | undefined
  readonly position?: number | undefined
  readonly settings?: unknown
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
  readonly #outbox: Outbox
  readonly #sessions = new Map<string, Session>()
  readonly #attachments = new Map<string, Attachment>()
  /** Sessions that are followed only until the commands of an earlier page are settled. */
  readonly #unasked = new Set<string>()
  readonly #saved: Saved | undefined
  readonly #port: SessionPort
  readonly #connection: Connection
  readonly #stopListening: () => void
  #limits: Limits = LIMITS
  /** `asked`: the next directory frame says all. */
  #watching: 'no' | 'asked' | 'yes' = 'no'
  #directory: readonly SessionEntry[] | undefined
  #principal: string | undefined
  #restoring: Promise<readonly Session[]> | undefined

  /** Clients are made by {@link connect}. */
  constructor({ baseUrl, app, token, fetch, WebSocket, clock, random, wake, storage, user }: ResolvedOptions) {
    const log = () => this.#log()
    this.#clock = clock
    this.#mint = idMint(random)
    const ask = serverAsker({ baseUrl, fetch, token })
    this.#calls = serverCalls({ ask, clock, log })
    this.#saved = keepSaved({ storage, server: baseUrl, clock, log, onCommands: (commands) => this.#takeUp(commands) })
    this.#outbox = new Outbox({
      clock,
      log,
      saved: this.#saved,
      deliver: (session, text) => {
        const isReady = this.#attachments.get(session)?.isReady() === true
        if (isReady) this.#connection.send(text)
        return isReady
      },
    })
    this.#connection = keepConnected({
      clock,
      random,
      wake,
      log,
      mint: this.#mint,
      token,
      prepare: dialPreparer({ baseUrl, app, WebSocket, token, ask, clock, wake }),
      isNeeded: () => this.#watching !== 'no' || [...this.#attachments.values()].some(({ isFollowed }) => isFollowed()),
      isAttaching: () => [...this.#attachments.values()].some(({ isAttaching }) => isAttaching()),
      onState: (state) => {
        if (state.status === 'closed') this.#outbox.dismiss(state.reason)
        this.#listeners.emit('state', state)
      },
      onOpen: () => {
        // A copy: a listener of the log may ask for a session meanwhile, which is attached then and there.
        for (const { linked } of Array.from(this.#attachments.values())) linked()
        if (this.#watching === 'no') return
        this.#watching = 'asked'
        this.#connection.send({ type: 'watch' })
      },
      onPrincipal: (principal) => this.#own(principal),
      onFrame: (decoded) => this.#take(decoded),
      onLost: () => {
        for (const { unlinked } of this.#attachments.values()) unlinked()
      },
    })
    this.#port = {
      ...this.#connection,
      clock,
      random,
      log,
      mint: this.#mint,
      outbox: this.#outbox,
      call: this.#calls.call,
      limits: () => this.#limits,
      report: (error) => this.#report(error),
      saved: this.#saved,
      join: (session, attachment) => {
        this.#attachments.set(session, attachment)
      },
      leave: (session) => {
        this.#attachments.delete(session)
        this.#sessions.delete(session)
        this.#unasked.delete(session)
        this.#saved?.leave(session)
      },
      forsake: (session) => {
        this.#unasked.add(session)
      },
      settled: (session) => {
        if (this.#unasked.has(session) && this.#outbox.isEmpty(session)) this.#sessions.get(session)?.detach()
      },
    }
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
    return this.#directory
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
    const entry = (await this.#http('POST', '/sessions', { ...options, key: options.key ?? this.#mint() })) as SessionEntry
    return this.session(entry.id)
  }

  /** Follows a session; the same object for the same id until it is detached. What is wrong with it is in its `state.failure`. */
  session(id: string, { exclusive = false }: FollowOptions = {}): Session {
    this.#assertOpen()
    this.#unasked.delete(id)
    const session = this.#sessions.get(id) ?? this.#follow(id)
    session.follow()
    if (exclusive) session.claim()
    return session
  }

  #follow(id: string): Session {
    const session = new Session(id, this.#port)
    this.#sessions.set(id, session)
    if (this.#connection.isOpen()) this.#attachments.get(id)?.linked()
    else this.#connection.need()
    return session
  }

  /** Lists sessions, newest first. Rejects where they cannot be loaded, which is not the same as none. */
  async sessions(query: SessionQuery = {}): Promise<readonly SessionEntry[]> {
    const asked = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : `${name}=${value}`))
    const answer = (await this.#http('GET', `/sessions?${asked.join('&')}`)) as { readonly sessions: readonly SessionEntry[] }
    return answer.sessions
  }

  /**
   * Follows the sessions of the user's layout again, in its order, and hears from then on which are `closed`. One that fails is in its place, with
   * its own `failure` and `retry()`. Rejects where the list cannot be loaded; then nothing has changed.
   */
  restore(): Promise<readonly Session[]> {
    return (this.#restoring ??= this.#restore().finally(() => {
      this.#restoring = undefined
    }))
  }

  async #restore(): Promise<readonly Session[]> {
    const open = await listOpen((query) => this.sessions(query))
    this.watch()
    return open.map(({ id }) => this.session(id))
  }

  /** Keeps `directory` up to date from now on. */
  watch(): void {
    this.#assertOpen()
    if (this.#watching !== 'no') return
    this.#watching = 'asked'
    this.#connection.send({ type: 'watch' })
    this.#connection.need()
  }

  /** Changes title or layout of a session. Rejects with `unreachable` while the server cannot be reached. */
  update(id: string, change: SessionChange): Promise<SessionEntry> {
    return this.#http('PATCH', `/sessions/${encodeURIComponent(id)}`, change) as Promise<SessionEntry>
  }

  /** Removes a session with everything that belongs to it. */
  async delete(id: string): Promise<void> {
    await this.#http('DELETE', `/sessions/${encodeURIComponent(id)}`)
    this.#saved?.changed(id, () => BLANK_REPLICA)
  }

  /** Checks the link now: a good one stays, a dead one is replaced, a wait is cut short. Dials again also where the server had closed for good. */
  wake(signal: WakeSignal = 'app'): void {
    this.#connection.wake(signal)
  }

  /** A value that the app kept with `remember`; undefined where there is none, or no storage. Waits until it is known who the user is. */
  async recall(name: string): Promise<unknown> {
    return this.#saved?.recall(name)
  }

  /** Keeps a small JSON value of the app's own beside the saved state of the user, for 30 days or until `signOut()`; undefined removes it. */
  async remember(name: string, value: unknown): Promise<void> {
    await this.#saved?.remember(name, value)
  }

  /**
   * Closes the client, and removes everything that is kept of the user in this browser: transcripts, unsent commands, drafts. Settles when that is
   * done. Other tabs keep what they show, and keep it again, until they are signed out, too.
   */
  async signOut(): Promise<void> {
    const cleared = this.#saved?.clear()
    this.close()
    await cleared
  }

  /** Lets go of everything: the link, all sessions, timers and listeners. Runs go on. Commands that wait are rejected with `closed`. */
  close(): void {
    this.#stopListening()
    const error = new SessionError('closed', 'the client was closed by the app')
    this.#connection.close(error)
    this.#calls.close(error)
    for (const session of this.#sessions.values()) session.detach()
    this.#listeners.clear()
  }

  #take(decoded: DecodedServerFrame): void {
    try {
      if (decoded.kind === 'frame') this.#route(decoded.frame)
      else if (decoded.kind === 'malformed' && decoded.session === undefined) this.#connection.repair(decoded.fault)
      else if (decoded.kind === 'malformed') this.#attachments.get(decoded.session ?? '')?.malformed(decoded.fault)
    } catch (error) {
      // What is inside an event is not checked, so anything may be found there.
      this.#report(error)
      this.#connection.repair('a frame could not be taken')
    }
  }

  #route(frame: ServerFrame): void {
    switch (frame.type) {
      case 'welcome':
        this.#limits = frame.limits
        return
      case 'attached':
      case 'batch':
      case 'detached':
        return this.#attachments.get(frame.session)?.take(frame)
      case 'accepted':
        return this.#outbox.accept(frame)
      case 'refused':
        if (this.#outbox.refuse(frame)) return
        if (frame.id === undefined) return this.#report(new SessionError(frame.code, frame.message, { retryMs: frame.retryMs }))
        for (const { refused } of this.#attachments.values()) refused(frame)
        return
      case 'directory':
        return this.#listed(frame)
      case 'ping':
        for (const [session, sent] of Object.entries(frame.sent)) this.#attachments.get(session)?.pinged(sent)
        return
      case 'pong':
      case 'bye':
      case 'closed':
        return
      default:
        return frame satisfies never
    }
  }

  #listed(frame: DirectoryFrame): void {
    const before = this.#directory ?? []
    this.#directory = applyDirectory(this.#watching === 'asked' ? [] : before, frame)
    this.#watching = 'yes'
    for (const id of frame.gone ?? []) this.#saved?.changed(id, () => BLANK_REPLICA)
    for (const id of closedSince(before, this.#directory)) this.#listeners.emit('closed', id)
    this.#listeners.emit('directory', this.#directory)
  }

  /** Says whose everything is from now on. What is here of another must not be seen any more, nor sent in the new one's name. */
  #own(principal: string): void {
    const before = this.#principal
    if (principal === before) return
    this.#principal = principal
    this.#saved?.own(principal)
    if (before !== undefined) {
      this.#outbox.clear(new SessionError('principal', `the command was given by ${before}, and ${principal} is signed in now`))
      this.#directory = undefined
      for (const { blank } of Array.from(this.#attachments.values())) blank()
    }
    this.#listeners.emit('principal', principal)
  }

  /** Takes up what an earlier page left unsettled. Its sessions are followed for that, also those that the app does not ask for. */
  #takeUp(commands: readonly SavedCommand[]): void {
    if (this.state.status === 'closed') return
    for (const [frame, settled] of this.#outbox.restore(commands)) {
      const { session } = frame
      if (!this.#sessions.has(session)) this.#unasked.add(session)
      const taker = this.#sessions.get(session) ?? this.#follow(session)
      taker.takeUp(frame, settled)
    }
    for (const [session, { isReady }] of this.#attachments) if (isReady()) this.#outbox.resume(session)
    for (const session of this.#sessions.values()) session.tellUnsent()
  }

  async #http(method: string, path: string, body?: unknown): Promise<unknown> {
    this.#assertOpen()
    return this.#calls.call(method, path, body)
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
    // What nobody takes, or the taker throws, goes where the platform puts such errors; where it has no place, it ends here.
    if (thrownBy !== 'error' && this.#listeners.has('error')) this.#listeners.emit('error', error)
    else (globalThis as { reportError?: (error: unknown) => void }).reportError?.(error)
  }
}
