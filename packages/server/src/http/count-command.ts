import { Refusal } from '../session/refusal.ts'
import type { Edge } from './edge.ts'

/**
 * Counts what a principal changes, over all its links and requests together.
 *
 * @throws Refusal `rate_limited` where it changed as much as it may in a minute.
 */
export function countCommand({ commands, host }: Edge, principal: string): void {
  const retryMs = commands.take(principal)
  if (retryMs !== undefined)
    throw new Refusal('rate_limited', `more than ${host.limits.commandsPerMinute} commands a minute: wait a little`, { retryMs })
}
