import type { ByeFrame } from '@throughline/sdk/protocol'

/** When clients may come back after a shutdown; each adds a random time of its own. */
const RETRY_MS = 1_000

/** What all links are told when the server goes down. */
export const BYE: ByeFrame = { type: 'bye', reason: 'shutdown', retryMs: RETRY_MS }
