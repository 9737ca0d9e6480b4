import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isExpired, type Principal } from '../access/principal.ts'
import type { Edge } from './edge.ts'
import { replyUnauthorized } from './error-reply.ts'

const PRINCIPAL = 'throughlinePrincipal'

/** Lets only requests of a known principal through to the routes of this scope, before their bodies are read. */
export function requirePrincipal(scope: FastifyInstance, { authenticate, timers }: Edge): void {
  scope.decorateRequest(PRINCIPAL)
  scope.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    const token = bearerToken(request)
    const principal = await authenticate(token, request)
    if (principal === undefined)
      return replyUnauthorized(
        reply,
        token === undefined ? 'the request needs an Authorization: Bearer header' : 'the token is not known here',
      )
    if (isExpired(principal, timers.now())) return replyUnauthorized(reply, 'the token has expired')
    request.setDecorator(PRINCIPAL, principal)
    return undefined
  })
}

/** Who sent a request that was let through. */
export function principalOf(request: FastifyRequest): Principal {
  return request.getDecorator<Principal>(PRINCIPAL)
}

/** The token of a request's `Authorization` header, where it is of the Bearer kind. */
export function bearerToken({ headers }: FastifyRequest): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? '')?.[1]
}
