import type { SessionState } from '@throughline/sdk'
import { statusWords } from './status-words.ts'

/** What is worth saying aloud between two states of a session, if anything. */
export function statusNews(before: SessionState, after: SessionState): string | undefined {
  // What happened while nobody was there is read, not announced.
  if (!before.caughtUp || before.status === after.status) return undefined
  if (after.status === 'waiting') return `the agent asks: ${after.interrupts.at(-1)?.message ?? 'it needs an answer'}`
  if (after.status === 'running') return 'the agent answers.'
  return `${statusWords(after.status, after.last?.outcome, after.last?.code).text}.`
}
