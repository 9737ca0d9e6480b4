import type { AddressInfo } from 'node:net'
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance } from 'fastify'
import type { Agent } from '../agent/contract.ts'
import { healthRoutes } from '../http/health-routes.ts'
import { throughline, type ThroughlineOptions } from '../http/plugin.ts'
import { Host } from '../session/host.ts'
import type { HostOptions } from '../session/host-options.ts'
import type { Store } from '../store/port.ts'
import { systemTimers } from '../timers.ts'
import { serveWebPage } from './web-page.ts'

/** What a server is made of. */
export interface ServerOptions extends Omit<HostOptions, 'store' | 'agents' | 'log'>, Omit<ThroughlineOptions, 'host'> {
  /** Closed with the server. */
  readonly store: Store
  readonly agents: readonly [Agent, ...Agent[]]
  /** The directory of a built page to serve at the root. */
  readonly web?: string
  /** @default none */
  readonly logger?: FastifyBaseLogger
}

/** A whole server: store, host, and an app that serves them. */
export interface Server {
  readonly host: Host
  /** For tests with `inject` and `injectWS`; a server that is to be reached listens. */
  readonly app: FastifyInstance
  /** Begins to listen; answers the address. Port 0 is any that is free. */
  listen(where: { readonly host: string; readonly port: number }): Promise<string>
  /** Takes nothing new, tells clients to come back elsewhere, lets runs end for `graceMs`, and stores everything. */
  close(options?: { readonly graceMs?: number }): Promise<void>
}

/** How long requests under way may take to be answered when the server closes. */
const LAST_ANSWERS_MS = 5_000

/** Makes a server that can serve as soon as it listens. Where it fails the store stays open. */
export async function createServer(options: ServerOptions): Promise<Server> {
  const { store, logger, timers = systemTimers } = options
  const host = new Host({ ...options, ...(logger !== undefined && { log: logger }) })
  await host.start().catch(async (error: unknown) => {
    await host.close()
    throw error
  })
  const app: FastifyInstance =
    logger === undefined
      ? Fastify()
      : Fastify({ loggerInstance: logger, logController: new LogController({ disableRequestLogging: true }) })
  let closing: Promise<void> | undefined

  async function build(): Promise<void> {
    await app.register(throughline, { ...options, host })
    healthRoutes(app, host)
    if (options.web !== undefined) await serveWebPage(app, options.web)
    await app.ready()
  }

  async function closeAll(graceMs: number): Promise<void> {
    // Browsers open connections before they need them; one that has asked nothing yet would be waited for.
    const cut = timers.setTimeout(() => app.server.closeAllConnections(), LAST_ANSWERS_MS)
    await app.close()
    timers.clearTimeout(cut)
    await host.close({ graceMs })
    await store.close()
  }

  try {
    await build()
  } catch (error) {
    await app.close()
    await host.close()
    throw error
  }
  return {
    host,
    app,
    async listen(where) {
      await app.listen(where)
      const { port } = app.server.address() as AddressInfo
      return `http://${where.host.includes(':') ? `[${where.host}]` : where.host}:${port}`
    },
    close: ({ graceMs = 0 } = {}) => (closing ??= closeAll(graceMs)),
  }
}
