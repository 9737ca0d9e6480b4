import { subscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import type { PeerServer, PeerWatch, ThroughlineStore, WatchedAs } from './peer.ts'
import { PEERS, type PeerName } from './peers/all.ts'
import { attachFresh } from './peers/throughline.ts'
import { startProfile } from './profile.ts'
import { openTally, type Ages } from './tally.ts'
import { burst, monotonicMs, openTap, pace, type Tap } from './tokens.ts'

/** Whose sessions are spoken into; with an address from outside of the server. */
export interface Speech {
  readonly peer: PeerName
  readonly address: string
  readonly sessions: readonly string[]
}

/** What a process spent and holds. */
export interface Usage {
  readonly cpuMs: number
  readonly rssBytes: number
  /** What JavaScript holds: its heap, and buffers outside of it. */
  readonly heldBytes: number
  /** What its TCP servers wrote, HTTP and all. */
  readonly sentBytes: number
}

/** What a process of the benchmark can be told to do. One is the server, another the load, and a third speaks where a peer's producers are clients. */
export type Calls = typeof calls

const taps = new Map<string, Tap>()
const sockets = new Set<Socket>()
let sentByClosed = 0
let server: PeerServer | undefined
let endProfile = async (): Promise<void> => undefined
let tally = openTally(false)
let viewers: { readonly session: string; watch: PeerWatch }[] = []
let watching: { readonly peer: PeerName; readonly address: string; readonly as: WatchedAs } | undefined

subscribe('net.server.socket', (message) => {
  const { socket } = message as { readonly socket: Socket }
  sockets.add(socket)
  socket.on('close', () => {
    sentByClosed += socket.bytesWritten
    sockets.delete(socket)
  })
})

const calls = {
  async serve(peer: PeerName, directory: string, store: ThroughlineStore): Promise<string> {
    server = await PEERS[peer].serve({ directory, store })
    const { BENCH_PROFILE: kind, BENCH_PROFILES: profiles = '' } = process.env
    if (kind === 'cpu' || kind === 'heap') endProfile = await startProfile({ kind, directory: profiles })
    return server.address
  },

  async createSessions(count: number): Promise<readonly string[]> {
    return (await server?.createSessions(count)) ?? []
  },

  /** Speaks so many tokens into each session, all sessions at once, so many times one after the other. */
  async say(speech: Speech, tokensEach: number, times = 1): Promise<{ readonly beginMs: number; readonly endMs: number }> {
    const beginMs = monotonicMs()
    await Promise.all(
      speech.sessions.map(async (session) => {
        for (let time = 0; time < times; time += 1) await sayIn(speech, session, burst(tokensEach))
      }),
    )
    return { beginMs, endMs: monotonicMs() }
  },

  /** Speaks evenly into all sessions in turn, so many tokens a second all together; gives their number. The sessions' runs go on afterwards. */
  async pace(speech: Speech, perSecond: number, seconds: number): Promise<number> {
    const spoken = speech.sessions.map((session) => taps.get(session) ?? tapOf(speech, session))
    await Promise.all(spoken.map(({ asked }) => asked))
    return pace(spoken, perSecond, seconds)
  },

  async usage(collect = false): Promise<Usage> {
    if (collect) {
      for (let round = 0; round < 3; round += 1) {
        await pause(50)
        globalThis.gc?.()
      }
    }
    const { user, system } = process.cpuUsage()
    const { rss, heapUsed, external } = process.memoryUsage()
    let sentBytes = sentByClosed
    for (const socket of sockets) sentBytes += socket.bytesWritten
    return { cpuMs: (user + system) / 1000, rssBytes: rss, heldBytes: heapUsed + external, sentBytes }
  },

  /** Opens so many viewers of each session, and counts what they get from now on. */
  async watch(peer: PeerName, address: string, sessions: readonly string[], each: number, as: WatchedAs, ages = false): Promise<void> {
    tally = openTally(ages)
    watching = { peer, address, as }
    const wanted = sessions.flatMap((session) => Array.from({ length: each }, () => session))
    viewers = await openAll(wanted.map((session) => ({ session, from: undefined })))
  },

  /** Closes all viewers. */
  async drop(): Promise<void> {
    for (const { watch } of viewers) watch.close()
  },

  /** Opens all viewers again, at once, each where it stood; gives the time before, and the time when so many tokens more had arrived in all. */
  async comeBack(tokens: number): Promise<{ readonly beginMs: number; readonly endMs: number }> {
    const arrived = tally.until(tally.tokens() + tokens)
    const beginMs = monotonicMs()
    viewers = await openAll(viewers.map(({ session, watch }) => ({ session, from: watch.cursor() })))
    return { beginMs, endMs: await arrived }
  },

  /** Attaches to a session without a cursor, and counts the frames until all of it is there. */
  attachFresh: (address: string, session: string) => attachFresh(address, session),

  /** All viewers read no more than so many bytes a second from now on; with 0 they read nothing. */
  async throttle(bytesPerSecond: number): Promise<void> {
    for (const { watch } of viewers) watch.throttle?.(bytesPerSecond)
  },

  async tokens(): Promise<number> {
    return tally.tokens()
  },

  /** The time when so many tokens had arrived in all. */
  until: (tokens: number): Promise<number> => tally.until(tokens),

  async takeAges(): Promise<Ages> {
    return tally.takeAges()
  },

  async close(): Promise<void> {
    for (const { watch } of viewers) watch.close()
    await server?.close()
  },
}

function tapOf(speech: Speech, session: string): Tap {
  const tap = openTap()
  taps.set(session, tap)
  void sayIn(speech, session, tap.tokens)
  return tap
}

function sayIn({ peer, address }: Speech, session: string, tokens: AsyncIterable<string>): Promise<void> {
  if (server !== undefined) return server.say(session, tokens)
  return PEERS[peer].produce?.(address, session, tokens) ?? Promise.reject(new Error(`${peer} has no producers outside of its server`))
}

/** How many viewers dial at once: a kernel keeps no more waiting for a server than its backlog. */
const DIALING = 256

async function openAll(wanted: readonly { readonly session: string; readonly from: unknown }[]): Promise<typeof viewers> {
  if (watching === undefined) return []
  const { peer, address, as } = watching
  const opened: typeof viewers = []
  let next = 0
  async function dial(): Promise<void> {
    for (let one = wanted[next++]; one !== undefined; one = wanted[next++]) {
      const { session, from } = one
      const watch = await PEERS[peer].watch(address, session, { onText: (text) => tally.add(text), from, as })
      opened.push({ session, watch })
    }
  }
  await Promise.all(Array.from({ length: DIALING }, dial))
  return opened
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

async function answer({ id, method, args }: { id: number; method: keyof Calls; args: unknown[] }): Promise<void> {
  try {
    const call = calls[method] as (...given: unknown[]) => Promise<unknown>
    process.send?.({ id, result: await call(...args) })
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? (error.stack ?? error.message) : String(error) })
  }
}

process.on('message', (asked: Parameters<typeof answer>[0]) => void answer(asked))
process.on('disconnect', () => void endProfile().finally(() => process.exit(0)))
