import type { Limits, WhenBusy } from '@throughline/sdk/protocol'
import type { Agent } from '../agent/contract.ts'
import type { TailLimits } from '../journal/tail.ts'
import type { Store } from '../store/port.ts'
import type { Timers } from '../timers.ts'
import type { Retention } from './sweep-verdict.ts'

/** Where a host writes what happens; pino fits. */
export interface Log {
  info(facts: object, message: string): void
  warn(facts: object, message: string): void
  error(facts: object, message: string): void
}

/** What a host is made of. */
export interface HostOptions {
  readonly store: Store
  /** The agents that sessions may have; the first is theirs unless they name another. */
  readonly agents: readonly [Agent, ...Agent[]]
  /** Whole numbers, or `Infinity` for none. */
  readonly limits?: Partial<Limits>
  readonly retention?: Partial<Retention>
  /** The longest time of one run, in milliseconds. @default none */
  readonly runMs?: number
  /** How much of each journal's end is kept in memory. @default 1,000 events and 1 MiB */
  readonly tail?: TailLimits
  readonly timers?: Timers
  readonly newId?: () => string
  readonly log?: Log
}

/** A message that the embedding app sends. */
export interface HostSend {
  /** Who said it. @default 'host' */
  readonly by?: string
  readonly whenBusy?: WhenBusy
  /** Makes a retry harmless. @default a fresh one */
  readonly id?: string
}
