import type {
  AttachFrame,
  CommandFrame,
  CommandResult,
  DirectoryFrame,
  Durability,
  Limits,
  SentMessage,
  SessionEntry,
  Snapshot,
} from '@throughline/sdk/protocol'
import { nanoid } from 'nanoid'
import type { Agent } from '../agent/contract.ts'
import type { ViewerLink } from '../journal/viewer-link.ts'
import type { SessionRecord, Store } from '../store/port.ts'
import { systemTimers, type Timers } from '../timers.ts'
import { appMessage } from './app-message.ts'
import { countArrivals, type Arrival, type NoteArrival } from './arrival.ts'
import { Catalogue, refuseLarge, type SessionChange, type SessionPage, type SessionQuery, type SessionWish } from './catalogue.ts'
import type { MessagePage } from './conversation.ts'
import { customEvents, type AppEvent } from './custom-events.ts'
import { Directory } from './directory.ts'
import { hostLimits } from './host-limits.ts'
import type { HostOptions, HostSend, Log } from './host-options.ts'
import type { HostedSession } from './hosted-session.ts'
import { missingAgent } from './missing-agent.ts'
import { notFound } from './missing-session.ts'
import { Refusal } from './refusal.ts'
import { refuseLargeBody } from './refuse-large-body.ts'
import { Registry } from './registry.ts'
import { repairSessions } from './repair-sessions.ts'
import { goRounds } from './rounds.ts'
import type { RunEnd } from './run-end.ts'
import { RunEnds } from './run-ends.ts'
import { SessionNews } from './session-news.ts'
import { sweep } from './sweep.ts'
import { RETENTION, type Retention } from './sweep-verdict.ts'
import type { Watch } from './watch.ts'
import { watchDirectory } from './watch-directory.ts'

const SWEEP_MS = 5 * 60 * 1000
const PAGE = 50
const LARGEST_PAGE = 200

/** Where a host is in its life. */
type Life =
  | { readonly kind: 'new' | 'starting' }
  | { readonly kind: 'serving'; readonly stopSweeps: () => void }
  | { readonly kind: 'down'; readonly closed: Promise<void> }

/**
 * Sessions and their agents, as the server's routes and an embedding app use them. Every method rejects with a {@link Refusal} where the
 * request cannot be met; a session of another principal is refused like one that does not exist.
 */
export class Host {
  /** This node's name. */
  readonly node = nanoid(8)
  readonly limits: Limits
  readonly durability: Durability
  /** Gives an attach that has to wait its place among all that come. */
  readonly noteArrival: NoteArrival = countArrivals()
  readonly #store: Store
  readonly #agents: readonly [Agent, ...Agent[]]
  readonly #timers: Timers
  readonly #newId: () => string
  readonly #retention: Retention
  readonly #log: Log | undefined
  readonly #registry: Registry
  readonly #directory: Directory
  readonly #catalogue: Catalogue
  readonly #news: SessionNews
  readonly #runEnds: RunEnds
  #life: Life = { kind: 'new' }

  constructor(options: HostOptions) {
    const { store, agents, timers = systemTimers, newId = () => nanoid(16), limits, retention, runMs, tail, log } = options
    const onTrouble = (what: string, error: unknown) => log?.warn({ err: error }, what)
    this.limits = hostLimits(limits)
    this.durability = store.durability
    this.#store = store
    this.#agents = agents
    this.#timers = timers
    this.#newId = newId
    this.#retention = { ...RETENTION, ...retention }
    this.#log = log
    this.#runEnds = new RunEnds(log)
    this.#directory = new Directory(timers)
    this.#news = new SessionNews({ store, directory: this.#directory, onTrouble })
    this.#registry = new Registry({
      store,
      node: this.node,
      agentOf: (name) => this.#agentOf(name),
      timers,
      newId,
      tail,
      queueBytes: this.limits.queueBytes,
      runMs,
      onRecord: (record) => this.#news.changed(record),
      onRunEnd: (end) => this.#runEnds.tell(end),
      onTrouble,
    })
    this.#catalogue = new Catalogue({
      store,
      news: this.#news,
      timers,
      newId,
      retention: this.#retention,
      agents: [agents[0].name, ...agents.slice(1).map(({ name }) => name)],
      loaded: (id) => this.#registry.get(id),
      letGo: (id, remove) => this.#registry.remove(id, remove),
      retire: (id, isTooOld, remove) => this.#registry.retire(id, isTooOld, remove),
    })
  }

  /** Repairs what a crash left, and begins to serve. A host is started once. */
  async start(): Promise<void> {
    if (this.#life.kind !== 'new') throw new Error('a host is started once: make another')
    this.#life = { kind: 'starting' }
    await this.#store.ping()
    await repairSessions(this.#store, this.#registry, this.#log)
    if (!this.#isStarting()) return
    const sweepRound = async () => {
      await this.sweep().catch((error: unknown) => this.#log?.warn({ err: error }, 'the sweep failed'))
    }
    this.#life = { kind: 'serving', stopSweeps: goRounds(sweepRound, SWEEP_MS, this.#timers) }
  }

  /** Rejects where the host cannot serve now. */
  async ready(): Promise<void> {
    this.#refuseUnlessServing()
    await this.#store.ping()
  }

  /** Calls back when a run ended and that is stored: for the app's own database, push messages, webhooks. The answer stops it. */
  on(_event: 'runEnd', listener: (end: RunEnd) => void): () => void {
    return this.#runEnds.add(listener)
  }

  /** Creates a session, or gives the principal's session of that key. */
  async create(principal: string, wish: SessionWish): Promise<{ readonly created: boolean; readonly session: SessionEntry }> {
    this.#refuseUnlessServing()
    return this.#catalogue.create(principal, wish)
  }

  /** One session, as lists show it. */
  async entry(principal: string, id: string): Promise<SessionEntry> {
    return this.#catalogue.entryOf(principal, await this.#find(principal, id))
  }

  /** The principal's sessions, newest first. */
  async list(principal: string, query: SessionQuery): Promise<SessionPage> {
    this.#refuseUnlessServing()
    return this.#catalogue.list(principal, query)
  }

  /** Changes a session's title, or its place in the principal's layout. Closing it stops what runs in it. */
  async update(principal: string, id: string, { title, ...place }: SessionChange): Promise<SessionEntry> {
    refuseLarge({ title, settings: place.settings })
    const record = await this.#find(principal, id)
    if (place.open === false) {
      const session = record.status === 'idle' ? await this.#registry.known(id) : await this.#registry.open(record)
      await session?.stop(principal)
    }
    if (title !== undefined) await (await this.#registry.open(record)).rename(title)
    if (Object.values(place).some((field) => field !== undefined)) await this.#catalogue.place(principal, record, place)
    const changed = await this.#find(principal, id)
    this.#news.changed(changed)
    return this.#catalogue.entryOf(principal, changed)
  }

  /** Removes a session with everything that belongs to it. */
  async delete(principal: string, id: string): Promise<void> {
    const { owner } = await this.#find(principal, id)
    await this.#catalogue.delete(id, owner)
  }

  /** A session and its snapshot, in one answer. */
  async read(principal: string, id: string): Promise<{ readonly session: SessionEntry; readonly snapshot: Snapshot }> {
    const session = await this.#open(principal, id)
    const { json } = await session.snapshot()
    return { session: await this.#catalogue.entryOf(principal, session.record), snapshot: JSON.parse(json) as Snapshot }
  }

  /** A page of older messages, oldest first: those before a message, or the newest. It moves no cursor. */
  async messages(
    principal: string,
    id: string,
    { before, limit = PAGE }: { readonly before?: string | undefined; readonly limit?: number | undefined },
  ): Promise<MessagePage> {
    const session = await this.#open(principal, id)
    return session.messages(before, Math.min(limit, LARGEST_PAGE))
  }

  /**
   * Carries out a command, at most once an id; settles when its effect is stored. `onTurn` is called as soon as the command has its place among those of
   * its session: one that is given then takes effect after it, however long this one takes.
   */
  async command(principal: string, frame: CommandFrame, onTurn?: () => void): Promise<CommandResult> {
    refuseLargeBody(frame, this.limits.messageBytes)
    const session = await this.#open(principal, frame.session)
    const result = session.command(principal, frame)
    onTurn?.()
    return result
  }

  /** Answers an attach through the link, and then sends what follows. `arrival`: when it came, where that was before this call. */
  async attach(principal: string, frame: AttachFrame, link: ViewerLink, arrival: Arrival = this.noteArrival()): Promise<Watch> {
    const session = await this.#open(principal, frame.session)
    return session.attach(principal, frame, link, arrival)
  }

  /** Tells a listener the open and the newest sessions of a principal, and then every change. The answer stops it. */
  watchDirectory(principal: string, listener: (frame: DirectoryFrame) => void): () => void {
    return watchDirectory(principal, listener, {
      directory: this.#directory,
      overview: () => this.#catalogue.overview(principal),
      timers: this.#timers,
      onTrouble: (what, error) => this.#log?.warn({ err: error }, what),
    })
  }

  /** Sends a message for the embedding app: a run that the server starts by itself reaches viewers like any other. */
  async send(session: string, message: string | SentMessage, options: HostSend = {}): Promise<CommandResult> {
    const frame = appMessage(session, message, options, this.#newId)
    refuseLargeBody(frame, this.limits.messageBytes)
    return (await this.#openAsHost(session)).command(options.by ?? 'host', frame)
  }

  /** Stops what runs, waits or is queued in a session. */
  async stop(session: string): Promise<CommandResult> {
    return (await this.#openAsHost(session)).stop('host')
  }

  /** Appends custom events of the embedding app; they may stand anywhere, also between runs. */
  async append(session: string, ...events: readonly AppEvent[]): Promise<void> {
    const checked = customEvents(events, this.#timers.now())
    await (await this.#openAsHost(session)).append(checked)
  }

  /** Removes what is older than it may become. It happens by itself every five minutes. */
  async sweep(): Promise<number> {
    return sweep({
      store: this.#store,
      retention: this.#retention,
      now: this.#timers.now(),
      expire: (record, open) => this.#catalogue.expire(record, open),
      onTrouble: (what, error) => this.#log?.warn({ err: error }, what),
    })
  }

  /** Takes no more work, lets runs end for `graceMs`, marks the others interrupted, stores everything. The store stays open. */
  close({ graceMs = 0 }: { readonly graceMs?: number } = {}): Promise<void> {
    if (this.#life.kind === 'down') return this.#life.closed
    if (this.#life.kind === 'serving') this.#life.stopSweeps()
    const closed = this.#goDown(graceMs)
    this.#life = { kind: 'down', closed }
    return closed
  }

  async #goDown(graceMs: number): Promise<void> {
    await this.#registry.shut()
    const isAnyLeft = () => this.#registry.all().some((session) => session.isRunning)
    await this.#runEnds.last(isAnyLeft, graceMs, this.#timers)
    await this.#registry.close()
  }

  async #open(principal: string, id: string): Promise<HostedSession> {
    return this.#registry.open(await this.#find(principal, id))
  }

  async #openAsHost(id: string): Promise<HostedSession> {
    this.#refuseUnlessServing()
    const found = await this.#store.find(id)
    if (found.kind !== 'found') throw notFound(id)
    return this.#registry.open(found.record)
  }

  async #find(principal: string, id: string): Promise<SessionRecord> {
    this.#refuseUnlessServing()
    return this.#catalogue.find(principal, id)
  }

  #agentOf(name: string | undefined): Agent {
    if (name === undefined) return this.#agents[0]
    return this.#agents.find((agent) => agent.name === name) ?? missingAgent(name)
  }

  /** Asked after an await: it may have been closed meanwhile. */
  #isStarting(): boolean {
    return this.#life.kind === 'starting'
  }

  #refuseUnlessServing(): void {
    if (this.#life.kind === 'serving') return
    throw new Refusal('unavailable', 'the server is not ready, or going down: try again', { retryMs: 1000 })
  }
}
