import { isIPv4 } from 'node:net'

/** Whether a host name or address, as in `--host` or a `Host` header without its port, is this machine and nothing else. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[(.*)\]$/, '$1').replace(/^::ffff:/i, '')
  return bare === 'localhost' || bare === '::1' || (isIPv4(bare) && bare.startsWith('127.'))
}

/** The host of a `Host` header, without its port. */
export function hostName(header: string): string {
  return header.replace(/:\d*$/, '').toLowerCase()
}
