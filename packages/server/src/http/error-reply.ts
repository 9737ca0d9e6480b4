import { REFUSALS, type RefusalCode } from '@throughline/sdk/protocol'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { Refusal } from '../session/refusal.ts'
import { StoreError } from '../store/store-error.ts'
import { refusalOf } from './refusal-of.ts'

/** Codes that only HTTP needs. */
const HTTP_CODES = { unauthorized: 401, not_found: 404, internal: 500 } as const

/** The body of every answer that is an error. */
export interface ErrorBody {
  readonly code: RefusalCode | keyof typeof HTTP_CODES
  readonly message: string
}

/** When to come back where the refusal does not say. */
const RETRY_MS = 1_000

/** Answers a request that failed. */
export function replyWithError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (error instanceof Refusal || error instanceof StoreError) return replyWithRefusal(refusalOf(error, request.log), reply)
  const { statusCode = 500, message } = error as Partial<FastifyError> & Error
  if (statusCode >= 500) {
    request.log.error({ err: error }, 'a request failed')
    return send(reply, HTTP_CODES.internal, { code: 'internal', message: 'the server failed; its log says why' })
  }
  return send(reply, statusCode, { code: statusCode === REFUSALS.too_large ? 'too_large' : 'invalid', message })
}

/** Answers a request that nobody known has sent. */
export function replyUnauthorized(reply: FastifyReply, message: string): FastifyReply {
  return send(reply.header('www-authenticate', 'Bearer'), HTTP_CODES.unauthorized, { code: 'unauthorized', message })
}

/** Answers a request for a route that there is not. */
export function replyNotFound({ method, url }: FastifyRequest, reply: FastifyReply): FastifyReply {
  return send(reply, HTTP_CODES.not_found, { code: 'not_found', message: `there is no route ${method} ${url.replace(/\?.*/, '')}` })
}

function replyWithRefusal({ code, message, retryMs = RETRY_MS }: Refusal, reply: FastifyReply): FastifyReply {
  const status = REFUSALS[code]
  if (status === 429 || status === 503) reply.header('retry-after', Math.ceil(retryMs / 1000))
  return send(reply, status, { code, message })
}

function send(reply: FastifyReply, status: number, body: ErrorBody): FastifyReply {
  return reply.code(status).type('application/json; charset=utf-8').send(body)
}
