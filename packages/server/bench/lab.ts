import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Calls, Speech } from './actor.ts'
import type { ThroughlineStore, WatchedAs } from './peer.ts'
import { PEERS, type PeerName } from './peers/all.ts'
import type { Profiling } from './profile.ts'

/** What is measured against each other: a peer, and for Throughline its store. */
export interface Contender {
  readonly peer: PeerName
  readonly store?: ThroughlineStore
}

/** The name of a contender in tables. */
export function labelOf({ peer, store }: Contender): string {
  const { name } = PEERS[peer]
  return store === undefined ? name : `${name}, ${store === 'memory' ? 'memory' : `SQLite ${store}`}`
}

/** A process of the benchmark. */
export interface Actor {
  call<Method extends keyof Calls>(method: Method, ...args: Parameters<Calls[Method]>): ReturnType<Calls[Method]>
  end(): Promise<void>
}

/** Who watches: how many of each session, and how. */
export interface Watching {
  readonly each?: number
  readonly as?: WatchedAs
  readonly ages?: boolean
}

/** A fresh server and a fresh load, in processes of their own. */
export interface Stage {
  readonly contender: Contender
  readonly address: string
  readonly server: Actor
  readonly load: Actor
  readonly createSessions: (count: number) => Promise<readonly string[]>
  /** Opens viewers in the load. */
  readonly watch: (sessions: readonly string[], options?: Watching) => Promise<void>
  /** The same in a further process, which it gives. */
  readonly watchElsewhere: (sessions: readonly string[], options?: Watching) => Promise<Actor>
  /** Speaks so many tokens into each session, as fast as they are taken. */
  readonly say: (sessions: readonly string[], tokensEach: number, times?: number) => ReturnType<Calls['say']>
  /** Speaks evenly, so many tokens a second in all. */
  readonly pace: (sessions: readonly string[], perSecond: number, seconds: number) => Promise<number>
}

export interface LabOptions {
  /** Environment of servers. */
  readonly environment: NodeJS.ProcessEnv
  /** What of the servers is profiled, and where it goes. */
  readonly profile?: Profiling | undefined
}

export interface Lab {
  /** Sets a stage, plays on it, and clears it away. */
  play<Result>(contender: Contender, act: (stage: Stage) => Promise<Result>, environment?: NodeJS.ProcessEnv): Promise<Result>
}

/** A call that takes longer has failed: something that was to arrive did not. */
const PATIENCE_MS = 60_000

const ACTOR = fileURLToPath(new URL('actor.mjs', import.meta.url))

export function openLab({ environment, profile }: LabOptions): Lab {
  return {
    async play(contender, act, further = {}) {
      const { peer, store = 'normal' } = contender
      const directory = await mkdtemp(join(tmpdir(), 'throughline-bench-'))
      const profiling = profile === undefined ? {} : { BENCH_PROFILE: profile.kind, BENCH_PROFILES: profile.directory }
      const server = spawnActor(['--expose-gc'], { ...environment, ...further, ...profiling })
      const load = spawnActor(['--expose-gc'], {})
      const producer = PEERS[peer].produce === undefined ? server : spawnActor([], {})
      const furtherLoads: Actor[] = []
      try {
        const address = await server.call('serve', peer, directory, store)
        const speechIn = (sessions: readonly string[]): Speech => ({ peer, address, sessions })
        return await act({
          contender,
          address,
          server,
          load,
          createSessions: (count) => server.call('createSessions', count),
          watch: (sessions, { each = 1, as = 'app', ages = false } = {}) => load.call('watch', peer, address, sessions, each, as, ages),
          async watchElsewhere(sessions, { each = 1, as = 'app', ages = false } = {}) {
            const elsewhere = spawnActor([], {})
            furtherLoads.push(elsewhere)
            await elsewhere.call('watch', peer, address, sessions, each, as, ages)
            return elsewhere
          },
          say: (sessions, tokensEach, times = 1) => producer.call('say', speechIn(sessions), tokensEach, times),
          pace: (sessions, perSecond, seconds) => producer.call('pace', speechIn(sessions), perSecond, seconds),
        })
      } finally {
        await Promise.all([...new Set([load, ...furtherLoads, producer, server])].map((actor) => actor.end()))
        await rm(directory, { recursive: true, force: true })
      }
    },
  }
}

function spawnActor(flags: readonly string[], environment: NodeJS.ProcessEnv): Actor {
  const child = fork(ACTOR, [], {
    execArgv: [...flags, '--enable-source-maps'],
    env: { ...process.env, ...environment },
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  const waiting = new Map<number, { resolve: (result: never) => void; reject: (error: Error) => void }>()
  let calls = 0
  child.on('message', ({ id, result, error }: { id: number; result: never; error?: string }) => {
    const call = waiting.get(id)
    waiting.delete(id)
    if (error === undefined) call?.resolve(result)
    else call?.reject(new Error(error))
  })
  child.on('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`a process of the benchmark ended with ${code ?? 'a signal'}`))
    waiting.clear()
  })
  const actor: Actor = {
    call(method, ...args) {
      calls += 1
      const id = calls
      const answer = new Promise((resolve, reject) => {
        const tooLate = setTimeout(() => reject(new Error(`${method} took longer than ${PATIENCE_MS / 1000} s`)), PATIENCE_MS)
        waiting.set(id, {
          resolve: (result) => {
            clearTimeout(tooLate)
            resolve(result)
          },
          reject: (error) => {
            clearTimeout(tooLate)
            reject(error)
          },
        })
      })
      // Somebody may look at it only after another call failed.
      answer.catch(() => {})
      child.send({ id, method, args })
      return answer as ReturnType<Calls[typeof method]>
    },
    end: () => endChild(child),
  }
  return actor
}

/** Lets a process close, and waits no longer than a moment for it. */
async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  const patience = setTimeout(() => child.kill('SIGKILL'), 5000)
  child.disconnect()
  await exited
  clearTimeout(patience)
}
