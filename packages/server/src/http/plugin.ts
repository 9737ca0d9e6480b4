import cors from '@fastify/cors'
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import websocket from '@fastify/websocket'
import { PING_MS } from '@throughline/sdk/protocol'
import type { FastifyInstance, FastifyPluginAsync } from 'fastify'
import fastifyPlugin from 'fastify-plugin'
import { originList, originVerdict } from '../access/origin-verdict.ts'
import type { Authenticate } from '../access/principal.ts'
import type { Host } from '../session/host.ts'
import { Refusal } from '../session/refusal.ts'
import { systemTimers, type Timers } from '../timers.ts'
import { authenticateInTime } from './authenticate-in-time.ts'
import { commandRoutes } from './command-routes.ts'
import type { Edge } from './edge.ts'
import { replyNotFound, replyWithError } from './error-reply.ts'
import { eventRoutes } from './event-routes.ts'
import { framesRoute } from './frames-route.ts'
import { healthRoutes } from './health-routes.ts'
import { openApi, openApiRoute } from './openapi.ts'
import { openLinks } from './open-links.ts'
import { rateLimit } from './rate-limit.ts'
import { UNREAD_FRAMES } from './read-frame.ts'
import { requirePrincipal } from './require-principal.ts'
import type { Scope } from './scope.ts'
import { sessionRoutes } from './session-routes.ts'
import { serveSocket } from './socket.ts'
import { streamRoute } from './stream-route.ts'
import { chooseSubprotocol } from './subprotocol.ts'

/** What the plugin is registered with. */
export interface ThroughlineOptions {
  /** The host of the sessions, started. Who made it closes it, after the app. */
  readonly host: Host
  /** Whose token it is: `staticTokens({ … })`, `noTokens()`, or a function of your own. */
  readonly authenticate: Authenticate
  /** Where the routes begin. @default '/v1' */
  readonly prefix?: string
  /** Origins, beside the server's own, whose pages may use it: exact, as in `https://app.example.com`. @default none */
  readonly origins?: readonly string[]
  /** How often a link is pinged, in milliseconds; one is dead 10 s after a ping that nothing answered. @default 15000 */
  readonly pingMs?: number
  /** The clock. @default the machine's */
  readonly timers?: Timers
}

/**
 * Serves the sessions of a host: `<prefix>/socket` for the SDK, HTTP and event streams beside it, OpenAPI at `<prefix>/openapi.json`.
 *
 * ```ts
 * const app = Fastify()
 * await app.register(throughline, { host, authenticate: staticTokens({ [process.env.TOKEN]: 'me' }) })
 * await app.listen({ port: 8080 })
 * // … later: await app.close(); await host.close()
 * ```
 *
 * Its hooks, error bodies and schemas stay its own; of the app around it, it uses the logger. It registers `@fastify/websocket` and `@fastify/cors`
 * unless the app did so before. Such an app passes `handleProtocols: chooseSubprotocol` and a `maxPayload` to `@fastify/websocket`, and a `preClose` that
 * leaves closing to this plugin; and its CORS rules are the ones that hold.
 *
 * Closing the app tells all clients to come back elsewhere, and ends their links.
 *
 * @throws TypeError where one of `origins` is no origin.
 */
export const throughline: FastifyPluginAsync<ThroughlineOptions> = fastifyPlugin(servePrefix, {
  name: '@throughline/server',
  fastify: '5.x',
})

async function servePrefix(app: FastifyInstance, options: ThroughlineOptions): Promise<void> {
  const { host, authenticate, prefix = '/v1', origins = [], pingMs = PING_MS, timers = systemTimers } = options
  const edge: Edge = {
    host,
    authenticate: authenticateInTime(authenticate, timers),
    origins: originList(origins),
    timers,
    pingMs,
    commands: rateLimit(host.limits.commandsPerMinute, timers),
    links: openLinks(),
  }
  // Before the WebSocket plugin, whose own hook closes every socket without a word.
  app.addHook('preClose', async () => edge.links.endAll())
  if (!app.hasDecorator('websocketServer')) {
    const { frameBytes } = host.limits
    await app.register(websocket, {
      options: { handleProtocols: chooseSubprotocol, maxPayload: UNREAD_FRAMES * frameBytes, perMessageDeflate: false },
      // A link that broke needs no line of its own in the log; the socket closes itself.
      errorHandler: (error, socket, request) => {
        request.log.debug({ err: error }, 'a link failed')
        socket.terminate()
      },
    })
  }
  await app.register(async (scope) => serveRoutes(scope.withTypeProvider(), edge), { prefix })
}

async function serveRoutes(scope: Scope, edge: Edge): Promise<void> {
  scope.setValidatorCompiler(TypeBoxValidatorCompiler)
  // Schemas describe answers; they must not drop what they do not name.
  scope.setSerializerCompiler(() => (body) => JSON.stringify(body))
  scope.setErrorHandler(replyWithError)
  scope.setNotFoundHandler(replyNotFound)
  await openApi(scope)

  healthRoutes(scope, edge.host)
  await scope.register(async (guarded: Scope) => {
    await guardOrigin(guarded, edge)
    guarded.get('/socket', { websocket: true }, (socket, request) => serveSocket(edge, socket, request))
    await guarded.register(async (known: Scope) => {
      requirePrincipal(known, edge)
      sessionRoutes(known, edge)
      commandRoutes(known, edge)
      eventRoutes(known, edge)
      await known.register(async (framed: Scope) => {
        // A frame is the same whichever way it comes, and a socket takes any names of fields.
        framed.addContentTypeParser('application/json', { parseAs: 'string' }, framed.getDefaultJsonParser('ignore', 'ignore'))
        streamRoute(framed, edge)
        framesRoute(framed, edge)
      })
      openApiRoute(known)
    })
  })
}

/** Refuses pages of foreign origins before anything else is done, upgrades included; answers the preflights of listed ones. */
async function guardOrigin(scope: Scope, { origins }: Edge): Promise<void> {
  scope.addHook('onRequest', async ({ headers, host }) => {
    const verdict = originVerdict(headers.origin, host, origins)
    if (verdict.kind === 'foreign')
      throw new Refusal('forbidden', `pages of ${headers.origin} may not use this server: it is not among its origins`)
  })
  if (scope.hasRequestDecorator('corsPreflightEnabled')) return
  await scope.register(cors, {
    origin: [...origins],
    methods: ['GET', 'POST', 'PATCH', 'DELETE'],
    allowedHeaders: ['authorization', 'content-type', 'last-event-id'],
    exposedHeaders: ['retry-after'],
    maxAge: 600,
  })
}
