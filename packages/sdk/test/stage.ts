import {
  connect,
  type Client,
  type ConnectionState,
  type ConnectOptions,
  type LogRecord,
  type SessionEvents,
  type SessionState,
  type WakeNews,
  type WakeSource,
} from '../src/index.ts'
import { encodeFrame, formatCursor, LIMITS, type ClientFrame, type ServerFrame, type SessionEvent } from '../src/protocol/index.ts'
import type { BatchFrame, Transcript } from '../src/protocol/index.ts'
import { testClock, webSocketTo, type PairedSocket, type TestClock, type Wire } from '../src/testing/index.ts'

// A client that falls back finds its code without waiting for the disk.
await import('../src/connection/open-fallback.ts')

/** A client on a stage: the test speaks the server's part, and owns time, luck and the wake signals. */
export interface Stage {
  readonly client: Client
  readonly clock: TestClock
  readonly wake: StagedWake
  readonly log: LogRecord[]
  /** The links that the client has dialled so far, oldest first. */
  readonly links: readonly StagedLink[]
  /** The next link that the client dials: it is open, and `hello` has been heard. */
  readonly welcomed: (welcome?: Partial<Extract<ServerFrame, { type: 'welcome' }>>) => Promise<StagedLink>
  /** The newest link, once the shortest back-off is over. */
  readonly newest: () => Promise<StagedLink>
}

/** One link, from the server's side. */
export interface StagedLink {
  readonly socket: PairedSocket
  readonly wire: Wire
  /** Everything the client said on it. */
  readonly heard: ClientFrame[]
  /** Sends frames, all in one packet. A text goes as it is. */
  readonly says: (...frames: (ServerFrame | string)[]) => Promise<void>
  /** The client's next frame of a type that was not asked for before. */
  readonly hears: <Type extends ClientFrame['type']>(type: Type) => Promise<Extract<ClientFrame, { type: Type }>>
  /** How the link ended, if it did. */
  readonly closed: () => { readonly code: number; readonly reason: string } | undefined
}

/** A wake source that the test moves. */
export interface StagedWake extends WakeSource {
  state: { hidden: boolean; offline: boolean }
  listeners: Set<(news: WakeNews) => void>
  readonly signal: (...news: WakeNews[]) => void
}

export function stagedWake(): StagedWake {
  const listeners = new Set<(news: WakeNews) => void>()
  const state = { hidden: false, offline: false }
  return {
    state,
    listeners,
    hidden: () => state.hidden,
    offline: () => state.offline,
    listen: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    signal: (...news) => {
      for (const one of news) for (const listener of listeners) listener(one)
    },
  }
}

/** Sets a stage. Without other options luck makes every back-off as short as can be, 1 ms, nobody has a token, and there is no HTTP. */
export function setStage({ accept, ...options }: ConnectOptions & { accept?: (link: StagedLink, wake: StagedWake) => void } = {}): Stage {
  const clock = testClock()
  const wake = stagedWake()
  const links: StagedLink[] = []
  const log: LogRecord[] = []
  const client = connect('http://server.test', {
    WebSocket: webSocketTo((socket, wire) => {
      const link = stagedLink(socket, wire, clock)
      links.push(link)
      accept?.(link, wake)
    }),
    now: () => clock.now(),
    timers: clock.timers,
    random: () => 0,
    fetch: () => Promise.reject(new TypeError('there is no HTTP on this stage')),
    wake,
    ...options,
  })
  client.on('log', (record) => log.push(record))

  let met = 0
  return {
    client,
    clock,
    wake,
    log,
    links,
    newest: async () => {
      await clock.advance(1)
      const link = links.at(-1)
      if (!link) throw new Error('the client has not dialled')
      return link
    },
    welcomed: async (fields) => {
      // After links that lived too short the fallback is tried in between, which this stage has not.
      for (let tries = 0; tries < 2 && links.length === met; tries += 1) await clock.advance(1)
      const link = links[met]
      if (!link) throw new Error(`the client has dialled ${links.length} times, not ${met + 1}`)
      met = links.length
      await link.hears('hello')
      await link.says(welcome(fields))
      return link
    },
  }
}

/** The states that the client goes through from now on. */
export function statuses({ client }: Stage): ConnectionState[] {
  const seen: ConnectionState[] = []
  client.on('state', (state) => seen.push(state))
  return seen
}

/** Sets a stage on which the session `s` is followed, live and caught up at `seq`. */
export async function setSession(options?: Parameters<typeof setStage>[0], seq = 0) {
  const stage = setStage(options)
  const session = stage.client.session('s')
  const link = await stage.welcomed()
  const { id } = await link.hears('attach')
  await link.says(snapshot(id, 's', seq))
  return { ...stage, session, link }
}

/** A client that follows `s` at seq 3, and `t` at seq 0, over one link. */
export async function setTwoSessions(options?: Parameters<typeof setStage>[0]) {
  const stage = setStage(options)
  const s = stage.client.session('s')
  const t = stage.client.session('t')
  const failures: SessionEvents['failure'][] = []
  s.on('failure', (...args) => failures.push(args))
  const link = await stage.welcomed()
  const first = await link.hears('attach')
  const second = await link.hears('attach')
  await link.says(snapshot(first.id, 's', 3), snapshot(second.id, 't', 0))
  return { ...stage, s, t, link, attachId: first.id, failures }
}

/** What the client says to attach `s` on the next link. */
export async function nextAttach({ welcomed }: Pick<Awaited<ReturnType<typeof setTwoSessions>>, 'welcomed'>) {
  const link = await welcomed()
  const attaches = [await link.hears('attach'), await link.hears('attach')]
  const attach = attaches.find(({ session }) => session === 's')
  const other = attaches.find(({ session }) => session === 't')
  if (!attach || !other) throw new Error('expected s and t to be attached')
  await link.says(resumed(other.id, 't', 0))
  return { link, attach }
}

/** Loses the link of a session, and has the next one attach it from its cursor, with this head. */
export async function reattached(
  { link, welcomed }: Pick<Awaited<ReturnType<typeof setSession>>, 'link' | 'welcomed'>,
  head: number,
): Promise<StagedLink> {
  link.wire.cut()
  const next = await welcomed()
  const { id } = await next.hears('attach')
  await next.says(resumed(id, 's', head))
  return next
}

/** The ids of the messages that the state shows, with what it says of those that are not stored. */
export function shown({ messages }: SessionState): string[] {
  return messages.map(({ id, pending }) => (pending ? `${id} (${pending})` : id))
}

function stagedLink(socket: PairedSocket, wire: Wire, clock: TestClock): StagedLink {
  const heard: ClientFrame[] = []
  const asked = new Map<string, number>()
  let closed: { readonly code: number; readonly reason: string } | undefined
  socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString()) as ClientFrame))
  socket.on('close', (code: number, reason: Buffer) => {
    closed = { code, reason: reason.toString() }
  })
  return {
    socket,
    wire,
    heard,
    closed: () => closed,
    says: async (...frames) => {
      for (const frame of frames) socket.send(typeof frame === 'string' ? frame : encodeFrame(frame))
      await clock.settle()
    },
    hears: async <Type extends ClientFrame['type']>(type: Type) => {
      await clock.settle()
      const index = asked.get(type) ?? 0
      const frame = heard.filter((one) => one.type === type)[index]
      if (!frame) throw new Error(`expected ${type} number ${index + 1}, but the client said: ${JSON.stringify(heard)}`)
      asked.set(type, index + 1)
      return frame as Extract<ClientFrame, { type: Type }>
    },
  }
}

export function welcome(fields: Partial<Extract<ServerFrame, { type: 'welcome' }>> = {}): ServerFrame {
  return { type: 'welcome', node: 'n1', principal: 'ann', pingMs: 15_000, limits: LIMITS, durability: 'disk', ...fields }
}

/** A mark that shows its seq. */
export function mark(seq: number): string {
  return `m${String(seq).padStart(9, '0')}`
}

export function cursor(seq: number): string {
  return formatCursor(mark(seq), seq)
}

/** A batch of the given events, of which the last has seq `to`. */
export function batch(
  session: string,
  to: number,
  events: readonly SessionEvent[] = [note(to)],
  from = to - events.length + 1,
): BatchFrame {
  return { type: 'batch', session, from, to, mark: mark(to), at: 1, events }
}

/** An event whose seq can be read off: an app's CUSTOM event. */
export function note(seq: number): SessionEvent {
  return { type: 'CUSTOM', name: 'note', value: seq }
}

/** An `attached` that resumes from the cursor. */
export function resumed(id: string, session: string, head: number): ServerFrame {
  return { type: 'attached', id, session, head, resumed: true }
}

/** An `attached` with a snapshot that is valid through `seq`. */
export function snapshot(id: string, session: string, seq: number, transcript: Partial<Transcript> = {}, more = false): ServerFrame {
  return {
    type: 'attached',
    id,
    session,
    head: seq,
    resumed: false,
    reason: 'no_cursor',
    snapshot: { cursor: cursor(seq), more, transcript: { messages: [], runs: [], queue: [], interrupts: [], custom: {}, ...transcript } },
  }
}

/** The start of a run with a user's message. */
export function runStarted(run: string, message?: { id: string; content: string }): SessionEvent {
  const messages = message ? [{ ...message, role: 'user' as const }] : []
  return {
    type: 'RUN_STARTED',
    threadId: 's',
    runId: run,
    protocolVersion: '1.0',
    input: { threadId: 's', runId: run, messages, tools: [], context: [] },
  }
}

export function runFinished(run: string): SessionEvent {
  return { type: 'RUN_FINISHED', threadId: 's', runId: run, outcome: { type: 'success' } }
}
