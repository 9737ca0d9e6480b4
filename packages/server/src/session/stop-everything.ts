import type { CommandResults } from '@throughline/sdk/protocol'
import { activityOf } from './ledger.ts'
import type { Runs } from './runs.ts'

/** Stops what runs, waits or is queued in a session, whatever it is. */
export async function stopEverything(runs: Runs, by: string): Promise<{ readonly stored: Promise<CommandResults['stop']> }> {
  const { ledger } = runs.commits
  const activity = activityOf(ledger)
  const unqueued = ledger.control.queue.map(({ message }) => message.id)
  switch (activity.kind) {
    case 'running':
      return { stored: runs.stop(activity.run, by, unqueued) }
    case 'waiting': {
      const open = activity.open.map(({ id }) => id)
      return { stored: runs.cancelInterrupts(open, by, unqueued) }
    }
    case 'idle':
    case 'stopping': {
      const events = unqueued.map((message) => runs.commits.own('throughline/unqueued', { message }))
      return { stored: runs.commits.commit(events).then(() => ({ stopped: false, reason: 'not_running' })) }
    }
    default:
      return activity satisfies never
  }
}
