import type { Authenticate } from '../access/principal.ts'
import type { Host } from '../session/host.ts'
import type { Timers } from '../timers.ts'
import type { OpenLinks } from './open-links.ts'
import type { RateLimit } from './rate-limit.ts'

/** What all routes and links of one server have in common. */
export interface Edge {
  readonly host: Host
  readonly authenticate: Authenticate
  /** Origins that may use it beside its own. */
  readonly origins: ReadonlySet<string>
  readonly timers: Timers
  readonly pingMs: number
  /** Commands a minute, by principal, over all links and HTTP. */
  readonly commands: RateLimit
  readonly links: OpenLinks
}
