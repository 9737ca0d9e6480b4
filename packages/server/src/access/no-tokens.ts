import { hostName, isLoopback } from './loopback.ts'
import type { Authenticate, Principal } from './principal.ts'

/** The principal of a server without tokens, and of a lone token on the command line. */
export const LOCAL_PRINCIPAL = 'local'

/**
 * Access without tokens, for one person at one machine: whoever comes over loopback is the principal `local`, everybody else nobody. The `Host`
 * header counts too: a foreign page whose name was made to resolve to this machine would pass for same-origin.
 */
export function noTokens(): Authenticate {
  const local: Principal = { id: LOCAL_PRINCIPAL, maxLinks: Infinity }
  return (_token, { raw, headers }) => {
    const address = raw.socket.remoteAddress
    return address !== undefined && isLoopback(address) && isLoopback(hostName(headers.host ?? '')) ? local : undefined
  }
}
