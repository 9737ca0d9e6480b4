import type { FastifyInstance } from 'fastify'
import type { Host } from '../session/host.ts'
import * as schemas from './schemas.ts'

/** For load balancers, without a token: whether the process is alive, and whether it can serve. */
export function healthRoutes(scope: FastifyInstance, host: Host): void {
  scope.get('/healthz', { schema: { summary: 'Whether the process is alive', security: [], response: { 200: schemas.HEALTH } } }, () => ({
    status: 'ok',
  }))

  scope.get(
    '/readyz',
    { schema: { summary: 'Whether it can serve', security: [], response: { 200: schemas.HEALTH, 503: schemas.ERROR } } },
    async (request, reply) => {
      try {
        await host.ready()
        return { status: 'ready' }
      } catch (error) {
        request.log.warn({ err: error }, 'the store cannot serve')
        return reply.code(503).header('retry-after', 5).send({ code: 'unavailable', message: 'the store cannot serve now' })
      }
    },
  )
}
