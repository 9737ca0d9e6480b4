import type { FastifyBaseLogger } from 'fastify'
import { Refusal } from '../session/refusal.ts'
import { StoreError } from '../store/store-error.ts'

/** When a request that failed in the store may be tried again. */
const STORE_RETRY_MS = 5_000

/** What a client is told of a failure. What is no refusal is logged; only where the store failed it helps to try again. */
export function refusalOf(error: unknown, log: FastifyBaseLogger): Refusal {
  if (error instanceof Refusal) return error
  log.error({ err: error }, 'a request failed')
  return error instanceof StoreError
    ? new Refusal('unavailable', 'the store cannot serve now', { cause: error, retryMs: STORE_RETRY_MS })
    : new Refusal('unavailable', 'the server failed; its log says why', { cause: error })
}
