import { serverCaller, type CallServer } from './call-server.ts'
import { openSocket } from './connection/open-socket.ts'
import { keepConnected, type Connection } from './connection/reconnect.ts'
import type { ConnectionState } from './connection/transition.ts'
import { applyDirectory } from './directory.ts'
import { SessionError } from './errors.ts'
import { idMint } from './id-mint.ts'
import { createListeners } from './listeners.ts'
import type { Log, LogRecord } from './log.ts'
import { resolveOptions, type ConnectOptions, type ResolvedOptions } from './options.ts'
import { LIMITS } from './protocol/index.ts'
import type { DecodedServerFrame, DirectoryFrame, Limits, ServerFrame, SessionEntry, SessionStatus } from './protocol/index.ts'
import type { Attachment } from './session/attachment.ts'
import { Outbox } from './session/outbox.ts'
import { Session } from './session/session.ts'
import type { SessionPort } from './session/session-port.ts'
import type { WakeSignal } from './wake/wake-source.ts'

/** What a client tells its listeners. */
export interface ClientEvents {
  state: [state: ConnectionState]
  /** The directory changed; only after `watch()`. */
  directory: [entries: readonly SessionEntry[]]
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
  readonly #call: CallServer
  readonly #outbox: Outbox
  readonly #sessions = new Map<string, Session>()
  readonly #attachments = new Map<string, Attachment>()
  readonly #port: SessionPort
  readonly #connection: Connection
  readonly #stopListening: () => void
  #limits: Limits = LIMITS
  /** `asked`: the next directory frame says all. */
  #watching: 'no' | 'asked' | 'yes' = 'no'
  #directory: readonly SessionEntry[] | undefined

  /** Clients are made by {@link connect}. */
  constructor({ baseUrl, app, token, fetch, WebSocket, clock, random, wake }: ResolvedOptions) {
    const log = () => this.#log()
    this.#clock = clock
    this.#mint = idMint(random)
    this.#call = serverCaller({ baseUrl, fetch, token })
    this.#outbox = new Outbox({
      clock,
      log,
      deliver: (session, text) => {
        const isAttached = this.#attachments.get(session)?.isAttached() === true
        if (isAttached) this.#connection.send(text)
        return isAttached
      },
    })
    this.#connection = keepConnected({
      clock,
      random,
      wake,
      log,
      hello: async () => {
        const fresh = await token()
        return { type: 'hello', client: app, ...(fresh !== undefined && { token: fresh }) }
      },
      openSocket: () => openSocket(`${baseUrl.replace(/^http/, 'ws')}/socket`, WebSocket),
      isNeeded: () => this.#watching !== 'no' || [...this.#attachments.values()].some(({ failure }) => !failure()),
      isAttaching: () => [...this.#attachments.values()].some(({ isAttaching }) => isAttaching()),
      onState: (state) => {
        if (state.status === 'closed') this.#outbox.fail(state.reason)
        this.#listeners.emit('state', state)
      },
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
      call: this.#call,
      limits: () => this.#limits,
      report: (error) => this.#report(error),
      join: (session, attachment) => {
        this.#attachments.set(session, attachment)
      },
      leave: (session) => {
        this.#attachments.delete(session)
        this.#sessions.delete(session)
      },
    }
    this.#stopListening = wake.listen((news) => this.#connection.wake(news))
  }

  /** Where the client stands with its server. */
  get state(): ConnectionState {
    return this.#connection.state()
  }

  /** The sessions of the user, newest first, kept up to date after `watch()`. Undefined until they are known, which is not the same as none. */
  get directory(): readonly SessionEntry[] | undefined {
    return this.#directory
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
  session(id: string): Session {
    this.#assertOpen()
    const followed = this.#sessions.get(id)
    if (followed) return followed
    const session = new Session(id, this.#port)
    this.#sessions.set(id, session)
    if (this.state.status === 'live') this.#attachments.get(id)?.linked()
    else this.#connection.need()
    return session
  }

  /** Lists sessions, newest first. Rejects where they cannot be loaded, which is not the same as none. */
  async sessions(query: SessionQuery = {}): Promise<readonly SessionEntry[]> {
    const asked = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : `${name}=${value}`))
    const answer = (await this.#http('GET', `/sessions?${asked.join('&')}`)) as { readonly sessions: readonly SessionEntry[] }
    return answer.sessions
  }

  /** Follows the sessions of the user's layout again, in its order. One that fails is in its place, with its own `failure` and `retry()`. */
  async restore(): Promise<readonly Session[]> {
    const open = await this.sessions({ open: true })
    return open.toSorted((a, b) => a.position - b.position).map(({ id }) => this.session(id))
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
  }

  /** Checks the link now: a good one stays, a dead one is replaced, a wait is cut short. Dials again also where the server had closed for good. */
  wake(signal: WakeSignal = 'app'): void {
    this.#connection.wake(signal)
  }

  /** Lets go of everything: the link, all sessions, timers and listeners. Runs go on. Commands that wait are rejected with `closed`. */
  close(): void {
    this.#stopListening()
    this.#connection.close(new SessionError('closed', 'the client was closed by the app'))
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
        // A copy: a listener of the log may ask for a session meanwhile, which is attached then and there.
        for (const { linked } of Array.from(this.#attachments.values())) linked()
        if (this.#watching === 'no') return
        this.#watching = 'asked'
        return this.#connection.send({ type: 'watch' })
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
        return
      default:
        return frame satisfies never
    }
  }

  #listed(frame: DirectoryFrame): void {
    this.#directory = applyDirectory(this.#watching === 'asked' ? [] : (this.#directory ?? []), frame)
    this.#watching = 'yes'
    this.#listeners.emit('directory', this.#directory)
  }

  async #http(method: string, path: string, body?: unknown): Promise<unknown> {
    this.#assertOpen()
    return this.#call(method, path, body)
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
