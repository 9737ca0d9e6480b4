import { isLoopback } from '../access/loopback.ts'
import { LOCAL_PRINCIPAL } from '../access/no-tokens.ts'
import { isOrigin } from '../access/origin-verdict.ts'
import { isToken } from '../access/static-tokens.ts'
import { parseStoreUrl } from '../store/open-store.ts'

/** Settings as they were written. */
export interface GivenSettings {
  readonly host?: string
  readonly port?: string
  readonly store?: string
  readonly agent?: string
  readonly token?: readonly string[]
  readonly origin?: readonly string[]
  readonly web?: string
  readonly 'grace-ms'?: string
  readonly 'log-level'?: string
}

/** What `throughline serve` works with. */
export interface ServeSettings {
  readonly host: string
  /** 0: any that is free. */
  readonly port: number
  readonly store: string
  readonly agent: string
  /** Principals by token; empty: no tokens. */
  readonly tokens: Readonly<Record<string, string>>
  readonly origins: readonly string[]
  /** The directory of a built page. */
  readonly web?: string
  /** How long runs may go on when the server is told to stop. */
  readonly graceMs: number
  readonly logLevel: string
}

/** What holds unless it is set. */
export const SERVE_DEFAULTS = {
  host: '127.0.0.1',
  port: '7420',
  store: 'sqlite:.throughline/throughline.db',
  agent: 'demo',
  token: [],
  origin: [],
  'grace-ms': '10000',
  'log-level': 'info',
} as const satisfies GivenSettings

/** A setting has a value that it cannot have; the message names both, and what it may be. */
export class WrongSetting extends Error {
  override readonly name = 'WrongSetting'
}

/**
 * Reads settings.
 *
 * @throws WrongSetting where one has a value that it cannot have.
 */
export function readServeSettings(given: GivenSettings): ServeSettings {
  const { host, port, store, agent, token, origin, web, ...rest } = { ...SERVE_DEFAULTS, ...given }
  if (token.length === 0 && !isLoopback(host))
    throw new WrongSetting(
      `without tokens the server listens on loopback only, not on ${host}: set --token, and let clients come over TLS, or leave --host out`,
    )
  return {
    host,
    port: count('port', port, 65_535),
    store: storeOf(store),
    agent,
    tokens: tokensOf(token),
    origins: origin.map(originOf),
    ...(web !== undefined && { web }),
    graceMs: count('grace-ms', rest['grace-ms'], LONGEST_GRACE_MS),
    logLevel: logLevelOf(rest['log-level']),
  }
}

const LONGEST_GRACE_MS = 24 * 60 * 60 * 1000
const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']

function count(name: string, text: string, most: number): number {
  if (/^\d{1,9}$/.test(text) && Number(text) <= most) return Number(text)
  throw new WrongSetting(`--${name} is “${text}”; it is a whole number from 0 to ${most}`)
}

function tokensOf(texts: readonly string[]): Readonly<Record<string, string>> {
  const principals = new Map<string, string>()
  for (const text of texts) {
    const [token, principal] = principalByToken(text)
    const other = principals.get(token) ?? principal
    if (other !== principal) throw new WrongSetting(`${other} and ${principal} have the same --token: give each one of their own`)
    principals.set(token, principal)
  }
  return Object.fromEntries(principals)
}

/** A token alone is the principal's that a server without tokens has: sessions stay where they are when a token is added. */
function principalByToken(text: string): readonly [token: string, principal: string] {
  const [, principal = LOCAL_PRINCIPAL, token = ''] = /^(?:([^:]*):)?(.*)$/s.exec(text) ?? []
  if (principal !== '' && isToken(token)) return [token, principal]
  // The text itself is left out: it is a secret, and this goes to a terminal or a log.
  throw new WrongSetting('a --token is TOKEN or PRINCIPAL:TOKEN, the token of printable ASCII characters without spaces or colons')
}

function storeOf(text: string): string {
  try {
    parseStoreUrl(text)
    return text
  } catch (cause) {
    throw new WrongSetting(`--store ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}

function originOf(text: string): string {
  if (isOrigin(text)) return text
  throw new WrongSetting(`--origin is “${text}”; it is scheme, host and port only, in lower case, such as https://app.example.com`)
}

function logLevelOf(text: string): string {
  if (LOG_LEVELS.includes(text)) return text
  throw new WrongSetting(`--log-level is “${text}”; it is one of ${LOG_LEVELS.join(', ')}`)
}
