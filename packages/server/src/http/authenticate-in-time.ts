import type { FastifyRequest } from 'fastify'
import type { Authenticate, Principal } from '../access/principal.ts'
import { Refusal } from '../session/refusal.ts'
import type { Timers } from '../timers.ts'

/** How long it may take to find out whose token it is: what waits for that, waits with a socket and a request. */
const LONGEST_LOOK_MS = 30_000

/** When a client comes back that could not be told. */
const RETRY_MS = 5_000

/**
 * Bounds how long an app takes to authenticate: beyond, it rejects with a refusal to come back later, and that is logged. Apps in JavaScript say `null` or
 * `false` for nobody, too.
 */
export function authenticateInTime(authenticate: Authenticate, timers: Timers): Authenticate {
  return (token, request) => {
    const answer: unknown = authenticate(token, request)
    return isThenable(answer) ? inTime(answer, request, timers) : principalIn(answer)
  }
}

function inTime(answer: PromiseLike<unknown>, { log }: FastifyRequest, timers: Timers): Promise<Principal | undefined> {
  let timer: unknown
  const late = new Promise<never>((_resolve, reject) => {
    timer = timers.setTimeout(() => {
      log.error(`authenticate did not settle within ${LONGEST_LOOK_MS / 1000} s; the client is told to come back later`)
      reject(new Refusal('unavailable', 'it could not be found out in time whose token this is', { retryMs: RETRY_MS }))
    }, LONGEST_LOOK_MS)
  })
  return Promise.race([answer, late])
    .then(principalIn)
    .finally(() => timers.clearTimeout(timer))
}

function isThenable(answer: unknown): answer is PromiseLike<unknown> {
  return typeof answer === 'object' && answer !== null && 'then' in answer
}

function principalIn(answer: unknown): Principal | undefined {
  return typeof answer === 'object' && answer !== null ? (answer as Principal) : undefined
}
