import type { FastifyRequest } from 'fastify'
import type { Authenticate, Principal } from '../access/principal.ts'
import { Refusal } from '../session/refusal.ts'
import type { Timers } from '../timers.ts'

/** How long it may take to find out whose token it is: what waits for that, waits with a socket and a request. */
const LONGEST_LOOK_MS = 30_000

/** When a client comes back that could not be told. */
const RETRY_MS = 5_000

/** Bounds how long an app takes to authenticate: beyond, it rejects with a refusal to come back later, and that is logged. */
export function authenticateInTime(authenticate: Authenticate, timers: Timers): Authenticate {
  return (token, request) => {
    const answer = authenticate(token, request)
    return answer !== undefined && 'then' in answer ? inTime(answer, request, timers) : answer
  }
}

function inTime(answer: Promise<Principal | undefined>, { log }: FastifyRequest, timers: Timers): Promise<Principal | undefined> {
  return new Promise((resolve, reject) => {
    const timer = timers.setTimeout(() => {
      log.error(`authenticate did not settle within ${LONGEST_LOOK_MS / 1000} s; the client is told to come back later`)
      reject(new Refusal('unavailable', 'it could not be found out in time whose token this is', { retryMs: RETRY_MS }))
    }, LONGEST_LOOK_MS)
    void answer.then(resolve, reject).then(() => timers.clearTimeout(timer))
  })
}
