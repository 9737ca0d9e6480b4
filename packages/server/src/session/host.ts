import { EventEmitter } from 'node:events'
import {
  LIMITS,
  type AttachFrame,
  type CommandFrame,
  type CommandResult,
  type DirectoryFrame,
  type Durability,
  type EventOf,
  type Limits,
  type SentMessage,
  type SessionEntry,
  type Snapshot,
  type TranscriptMessage,
  type WhenBusy,
} from '@throughline/sdk/protocol'
import { nanoid } from 'nanoid'
import type { Agent } from '../agent/contract.ts'
import type { TailLimits } from '../journal/tail.ts'
import type { ViewerLink } from '../journal/viewer-link.ts'
import type { SessionRecord, Store } from '../store/port.ts'
import { systemTimers, type Timers } from '../timers.ts'
import { Catalogue, notFound, type SessionChange, type SessionQuery, type SessionWish } from './catalogue.ts'
import { Directory } from './directory.ts'
import type { HostedSession } from './hosted-session.ts'
import { missingAgent } from './missing-agent.ts'
import { Refusal } from './refusal.ts'
import { refuseLargeBody } from './refuse-large-body.ts'
import { Registry } from './registry.ts'
import type { RunEnd } from './runs.ts'
import { sweep } from './sweep.ts'
import { RETENTION, type Retention } from './sweep-verdict.ts'
import type { Watch } from './watch.ts'

/** Where a host writes what happens; pino fits. */
export interface Log {
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

/** What a host is made of. */
export interface HostOptions {
  readonly store: Store
  /** The agents that sessions may have; the first is theirs unless they name another. */
  readonly agents: readonly [Agent, ...Agent[]]
  readonly limits?: Partial<Limits>
  readonly retention?: Partial<Retention>
  /** The longest time of one run, in milliseconds. @default none */
  readonly runMs?: number
  /** How much of each journal's end is kept in memory. @default 1,000 events and 1 MiB */
  readonly tail?: TailLimits
  readonly timers?: Timers
  readonly newId?: () => string
  readonly log?: Log
}

/** A message that the embedding app sends. */
export interface HostSend {
  readonly by?: string
  readonly whenBusy?: WhenBusy
  /** Makes a retry harmless. @default a fresh one */
  readonly id?: string
}

const SWEEP_MS = 5 * 60 * 1000
const PAGE = 50
const LARGEST_PAGE = 200
const LONGEST_EVENT = 256 * 1024

/**
 * Sessions and their agents, as the server's routes and an embedding app use them. Every method rejects with a {@link Refusal} where the
 * request cannot be met; a session of another principal is refused like one that does not exist.
 */
export class Host {
  /** This node's name. */
  readonly node: string
  readonly limits: Limits
  readonly durability: Durability
  readonly #store: Store
  readonly #agents: readonly [Agent, ...Agent[]]
  readonly #timers: Timers
  readonly #newId: () => string
  readonly #retention: Retention
  readonly #log: Log | undefined
  readonly #registry: Registry
  readonly #directory: Directory
  readonly #catalogue: Catalogue
  readonly #events = new EventEmitter<{ runEnd: [RunEnd] }>()
  #state: 'new' | 'serving' | 'closing' | 'closed' = 'new'
  #sweeping: unknown

  constructor(options: HostOptions) {
    this.node = nanoid(8)
    this.limits = { ...LIMITS, ...options.limits }
    this.durability = options.store.durability
    this.#store = options.store
    this.#agents = options.agents
    this.#timers = options.timers ?? systemTimers
    this.#newId = options.newId ?? (() => nanoid(16))
    this.#retention = { ...RETENTION, ...options.retention }
    this.#log = options.log
    this.#directory = new Directory(this.#timers)
    this.#registry = new Registry({
      store: options.store,
      node: this.node,
      agentOf: (name) => this.#agentOf(name),
      timers: this.#timers,
      newId: this.#newId,
      tail: options.tail,
      queueBytes: this.limits.queueBytes,
      runMs: options.runMs,
      onRecord: (record) => void this.#tellChanged(record),
      onRunEnd: (end) => this.#tellRunEnd(end),
      onTrouble: (what, error) => this.#log?.warn({ err: error }, what),
    })
    const [first, ...others] = options.agents
    this.#catalogue = new Catalogue({
      store: options.store,
      directory: this.#directory,
      timers: this.#timers,
      newId: this.#newId,
      retention: this.#retention,
      agents: [first.name, ...others.map(({ name }) => name)],
      loaded: (id) => this.#registry.get(id),
      onRemoving: (id, reason) => {
        this.#registry.get(id)?.detachAll(reason)
        this.#registry.drop(id)
      },
    })
  }

  /** Repairs what a crash left, and begins to serve. */
  async start(): Promise<void> {
    await this.#store.ping()
    const unsettled = await this.#store.unsettled()
    for (const record of unsettled) {
      try {
        await this.#registry.open(record)
      } catch (error) {
        this.#log?.error({ err: error, session: record.id }, 'a session could not be repaired')
      }
    }
    if (unsettled.length > 0)
      this.#log?.info({ sessions: unsettled.length }, 'sessions that were under way when the server stopped are repaired')
    this.#state = 'serving'
    this.#scheduleSweep()
  }

  /** Rejects where the host cannot serve now. */
  async ready(): Promise<void> {
    this.#refuseUnlessServing()
    await this.#store.ping()
  }

  /** Calls back when a run ended and that is stored: for the app's own database, push messages, webhooks. The answer stops it. */
  on(event: 'runEnd', listener: (end: RunEnd) => void): () => void {
    this.#events.on(event, listener)
    return () => this.#events.off(event, listener)
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
  async list(principal: string, query: SessionQuery): Promise<readonly SessionEntry[]> {
    this.#refuseUnlessServing()
    return this.#catalogue.list(principal, query)
  }

  /** Changes a session's title, or its place in the principal's layout. Closing it stops what runs in it. */
  async update(principal: string, id: string, change: SessionChange): Promise<SessionEntry> {
    const record = await this.#find(principal, id)
    if (change.open === false && record.status !== 'idle') await (await this.#registry.open(record)).stop(principal)
    if (change.title !== undefined) this.#registry.get(id)?.rename(change.title)
    return this.#catalogue.update(principal, this.#registry.get(id)?.record ?? record, change)
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
    query: { readonly before?: string | undefined; readonly limit?: number | undefined },
  ): Promise<{ readonly messages: readonly TranscriptMessage[]; readonly more: boolean }> {
    const session = await this.#open(principal, id)
    return session.messages(query.before, Math.min(query.limit ?? PAGE, LARGEST_PAGE))
  }

  /** Carries out a command, at most once an id; settles when its effect is stored. */
  async command(principal: string, frame: CommandFrame): Promise<CommandResult> {
    refuseLargeBody(frame, this.limits.messageBytes)
    const session = await this.#open(principal, frame.session)
    return session.command(principal, frame)
  }

  /** Answers an attach through the link, and then sends what follows. */
  async attach(principal: string, frame: AttachFrame, link: ViewerLink): Promise<Watch> {
    const session = await this.#open(principal, frame.session)
    return session.attach(frame, link)
  }

  /** Tells a listener the open and the newest sessions of a principal, and then every change. The answer stops it. */
  watchDirectory(principal: string, listener: (frame: DirectoryFrame) => void): () => void {
    let told = false
    const early: DirectoryFrame[] = []
    const stop = this.#directory.subscribe(principal, (frame) => (told ? listener(frame) : early.push(frame)))
    this.#catalogue.overview(principal).then(
      (sessions) => {
        told = true
        listener({ type: 'directory', sessions })
        for (const frame of early) listener(frame)
      },
      (error: unknown) => {
        stop()
        this.#log?.warn({ err: error }, 'a directory could not be listed')
      },
    )
    return stop
  }

  /** Sends a message for the embedding app: a run that the server starts by itself reaches viewers like any other. */
  async send(session: string, message: string | SentMessage, options: HostSend = {}): Promise<CommandResult> {
    const id = options.id ?? (typeof message === 'string' ? this.#newId() : message.id)
    const sent: SentMessage = typeof message === 'string' ? { id, role: 'user', content: message } : { ...message, id }
    const hosted = await this.#openAsHost(session)
    return hosted.command(options.by ?? 'host', {
      type: 'send',
      id,
      session,
      message: sent,
      ...(options.whenBusy && { whenBusy: options.whenBusy }),
    })
  }

  /** Stops what runs, waits or is queued in a session. */
  async stop(session: string): Promise<CommandResult> {
    return (await this.#openAsHost(session)).stop('host')
  }

  /** Appends custom events of the embedding app; they may stand anywhere, also between runs. */
  async append(session: string, ...events: readonly Pick<EventOf<'CUSTOM'>, 'name' | 'value'>[]): Promise<void> {
    for (const { name, value } of events) {
      if (name.startsWith('throughline/')) throw new Refusal('invalid', `${name}: names with throughline/ are the server's own`)
      if (Buffer.byteLength(JSON.stringify(value) ?? '') > LONGEST_EVENT)
        throw new Refusal('too_large', `${name} is larger than ${LONGEST_EVENT} bytes`)
    }
    const hosted = await this.#openAsHost(session)
    const timestamp = this.#timers.now()
    await hosted.append(events.map(({ name, value }) => ({ type: 'CUSTOM', name, value, timestamp })))
  }

  /** Removes what is older than it may become. It happens by itself every five minutes. */
  async sweep(): Promise<number> {
    return sweep({
      store: this.#store,
      retention: this.#retention,
      now: this.#timers.now(),
      isInUse: (session) => this.#registry.get(session)?.isInUse === true,
      expire: (session, owner) => this.#catalogue.expire(session, owner),
    })
  }

  /** Takes no more work, lets runs end for `graceMs`, marks the others interrupted, stores everything. The store stays open. */
  async close({ graceMs = 0 }: { readonly graceMs?: number } = {}): Promise<void> {
    if (this.#state === 'closing' || this.#state === 'closed') return
    this.#state = 'closing'
    this.#timers.clearTimeout(this.#sweeping)
    for (const session of this.#registry.all()) session.quiet()
    await this.#runsEnded(graceMs)
    await Promise.all(this.#registry.all().map((session) => session.interrupt()))
    await this.#registry.close()
    this.#state = 'closed'
  }

  async #runsEnded(graceMs: number): Promise<void> {
    const isOver = () => !this.#registry.all().some((session) => session.isRunning)
    if (graceMs <= 0 || isOver()) return
    await new Promise<void>((resolve) => {
      const timer = this.#timers.setTimeout(resolve, graceMs)
      this.#events.on('runEnd', () => {
        if (!isOver()) return
        this.#timers.clearTimeout(timer)
        resolve()
      })
    })
  }

  async #open(principal: string, id: string): Promise<HostedSession> {
    const record = await this.#find(principal, id)
    return this.#registry.open(record)
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

  async #tellChanged(record: SessionRecord): Promise<void> {
    if (!this.#directory.hasSubscribers(record.owner)) return
    try {
      this.#directory.changed(record.owner, await this.#catalogue.entryOf(record.owner, record))
    } catch (error) {
      this.#log?.warn({ err: error, session: record.id }, 'a change could not be told to the directory')
    }
  }

  #tellRunEnd(end: RunEnd): void {
    this.#log?.info({ ...end }, 'run ended')
    for (const listener of this.#events.listeners('runEnd')) {
      try {
        listener(end)
      } catch (error) {
        this.#log?.error({ err: error, session: end.session }, 'a runEnd listener threw')
      }
    }
  }

  #agentOf(name: string | undefined): Agent {
    if (name === undefined) return this.#agents[0]
    return this.#agents.find((agent) => agent.name === name) ?? missingAgent(name)
  }

  #scheduleSweep(): void {
    this.#sweeping = this.#timers.setTimeout(() => {
      this.sweep()
        .catch((error: unknown) => this.#log?.warn({ err: error }, 'the sweep failed'))
        .finally(() => {
          if (this.#state === 'serving') this.#scheduleSweep()
        })
    }, SWEEP_MS)
  }

  #refuseUnlessServing(): void {
    if (this.#state !== 'serving') throw new Refusal('unavailable', 'the server is not ready, or going down: try again', { retryMs: 1000 })
  }
}
