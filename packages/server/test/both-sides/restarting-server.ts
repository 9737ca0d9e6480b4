import Fastify, { type FastifyInstance } from 'fastify'
import type { Authenticate } from '../../src/access/principal.ts'
import type { Agent } from '../../src/agent/contract.ts'
import type { Edge } from '../../src/http/edge.ts'
import { openLinks } from '../../src/http/open-links.ts'
import { throughline, type ThroughlineOptions } from '../../src/http/plugin.ts'
import { rateLimit } from '../../src/http/rate-limit.ts'
import { Host } from '../../src/session/host.ts'
import type { Store } from '../../src/store/port.ts'
import type { Timers } from '../../src/timers.ts'
import { beginLife, timersOf, withinLife, type Life } from './life.ts'
import type { Pace } from './pace.ts'

/** One process of a server, as its clients reach it. */
export interface ServerProcess {
  readonly edge: Edge
  /** Its HTTP routes, made when they are first asked for. */
  readonly http: () => Promise<FastifyInstance>
  readonly life: Life
}

/** A server that is killed and started again, on one store. */
export interface RestartingServer {
  /** Undefined while it is down. */
  readonly process: () => ServerProcess | undefined
  readonly start: () => Promise<void>
  /** As by SIGKILL: nothing is said, nothing is stored any more. `keepsLease`: as if its node were one of several, which only time tells dead. */
  readonly kill: (session: string, keepsLease: boolean) => Promise<void>
}

/** What a server runs with. */
export interface RestartingServerOptions {
  readonly store: Store
  readonly timers: Timers
  readonly pace: Pace
  readonly authenticate: Authenticate
  /** Makes the agent of a process. */
  readonly agent: (sleep: (ms: number) => Promise<void>) => Agent
}

/** Makes a server that is not started yet. */
export function restartingServer({ store, timers, pace, authenticate, agent }: RestartingServerOptions): RestartingServer {
  let running: ServerProcess | undefined

  return {
    process: () => running,
    start: async () => {
      const life = beginLife()
      const mortal = timersOf(life, timers)
      const sleep = (ms: number) => new Promise<void>((resolve) => void mortal.setTimeout(resolve, ms))
      const host = new Host({
        store: withinLife(store, life, pace),
        agents: [agent(sleep)],
        timers: mortal,
        tail: { events: 20, bytes: 10_000 },
      })
      await host.start()
      let app: Promise<FastifyInstance> | undefined
      running = {
        life,
        edge: {
          host,
          authenticate,
          origins: new Set(),
          timers: mortal,
          pingMs: 15_000,
          commands: rateLimit(1000, mortal),
          links: openLinks(),
        },
        http: () => (app ??= serve({ host, authenticate, timers: mortal })),
      }
    },
    kill: async (session, keepsLease) => {
      const killed = running
      running = undefined
      killed?.life.end()
      // The leases of a store that one process has for itself end with the process.
      if (killed && !keepsLease) await store.release(session, killed.edge.host.node)
    },
  }
}

async function serve(options: ThroughlineOptions): Promise<FastifyInstance> {
  const app = Fastify()
  await app.register(throughline, options)
  await app.ready()
  return app
}
