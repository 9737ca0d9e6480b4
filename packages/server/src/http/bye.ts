import type { ByeFrame } from '@throughline/sdk/protocol'
import type { ClientLink } from './client-link.ts'

/** When clients may come back after a shutdown; each adds a random time of its own. */
const RETRY_MS = 1_000

/** What all links are told when the server goes down. */
export const BYE: ByeFrame = { type: 'bye', reason: 'shutdown', retryMs: RETRY_MS }

/** Ends a link because the server goes down. */
export function sayBye(link: ClientLink): void {
  link.close('shutdown', BYE)
}
