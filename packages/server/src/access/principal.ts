import type { FastifyRequest } from 'fastify'

/** Somebody who may use the server. */
export interface Principal {
  /** Owns sessions and layouts; other viewers see it as who sent, stopped or answered. */
  readonly id: string
  /** When its token expires, in milliseconds since the epoch: its links are closed then, unless a `token` frame brings a fresh one. @default never */
  readonly expiresAt?: number
  /** How many links it may hold at once. @default 100 */
  readonly maxLinks?: number
}

/**
 * Finds out whose token this is: of `hello` and `token` frames, and of the `Authorization: Bearer` header of HTTP requests; undefined where there
 * was none. Answers undefined where it is nobody's; `null` and `false` say the same. Of an expired one it may answer the principal with its `expiresAt`, so that
 * the client learns that it needs a fresh one. A rejection is logged, and the client comes back later; so it does where there is no answer within 30 s.
 */
export type Authenticate = (token: string | undefined, request: FastifyRequest) => Principal | undefined | Promise<Principal | undefined>

/** Whether a principal's token has run out. */
export function isExpired({ expiresAt }: Principal, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now
}
