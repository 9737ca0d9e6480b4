import type { CommandResults } from '@throughline/sdk/protocol'
import { activityOf } from './ledger.ts'
import type { Runs } from './runs.ts'
import type { StoppingSends } from './stopping-sends.ts'

/** Stops what runs, waits or is queued in a session, whatever it is, and takes back the sends that stop a run first. */
export async function stopEverything(
  runs: Runs,
  sends: StoppingSends,
  by: string,
): Promise<{ readonly stored: Promise<CommandResults['stop']> }> {
  const tookBack = sends.takeBack({ queue: true })
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
      const result: CommandResults['stop'] = tookBack || events.length > 0 ? { stopped: true } : { stopped: false, reason: 'not_running' }
      return { stored: runs.commits.commit(events).then(() => result) }
    }
    default:
      return activity satisfies never
  }
}
