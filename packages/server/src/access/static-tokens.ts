import { createHash, timingSafeEqual } from 'node:crypto'
import type { Authenticate, Principal } from './principal.ts'

/**
 * Tokens that are known beforehand, each with the id of its principal. They never expire, and a principal may hold any number of links.
 * Only their hashes are kept.
 *
 * @throws TypeError where there is no token, or one that cannot travel in an HTTP header.
 */
export function staticTokens(principals: Readonly<Record<string, string>>): Authenticate {
  const known = Object.entries(principals).map(([token, id]) => {
    if (!isToken(token)) throw new TypeError('a static token is one or more printable ASCII characters without spaces')
    if (id === '') throw new TypeError('the principal of a static token needs an id')
    return { hash: digest(token), principal: { id, maxLinks: Infinity } satisfies Principal }
  })
  if (known.length === 0) throw new TypeError('staticTokens needs at least one token; on loopback noTokens() does without')

  return (token) => {
    if (token === undefined) return undefined
    const hash = digest(token)
    // All are compared, each in constant time: how long it takes tells nothing about a token.
    let found: Principal | undefined
    for (const one of known) if (timingSafeEqual(one.hash, hash)) found = one.principal
    return found
  }
}

/** Whether a text can be a token: it must fit into an `Authorization` header. */
export function isToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text)
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
