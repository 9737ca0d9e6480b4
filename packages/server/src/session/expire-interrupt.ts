import { decideAnswer } from './decide-answer.ts'
import type { Runs } from './runs.ts'

/** Answers an interrupt `cancelled` whose time is over. One that is closed meanwhile stays as it is. */
export async function expireInterrupt(runs: Runs, interrupt: string): Promise<{ readonly stored: Promise<unknown> }> {
  const verdict = decideAnswer(runs.commits.ledger, { interrupt, status: 'cancelled' }, 'host')
  switch (verdict.kind) {
    case 'keep': {
      const answered = { interrupt, status: 'cancelled', by: 'host' }
      return { stored: runs.commits.commit([runs.commits.own('throughline/answered', answered)]) }
    }
    case 'resume':
      return { stored: runs.resume(verdict.resume, 'host') }
    case 'refused':
      return { stored: Promise.resolve() }
    default:
      return verdict satisfies never
  }
}
