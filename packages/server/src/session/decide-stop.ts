import type { StopFrame } from '@throughline/sdk/protocol'
import { activityOf, type Ledger } from './ledger.ts'

/** What becomes of a stop, beside the messages that it takes out of the queue. */
export type StopVerdict = {
  readonly unqueued: readonly string[]
  readonly effect:
    /** The run under way is to end. */
    | { readonly kind: 'stop'; readonly run: string }
    /** The open interrupts are answered `cancelled`, and no run follows. */
    | { readonly kind: 'cancel interrupts'; readonly open: readonly string[] }
    /** It is stopping already. */
    | { readonly kind: 'stopping already' }
    | { readonly kind: 'nothing' }
}

/**
 * Decides what a stop does. It stops only what it names, so that one that arrives late cannot end a later run. `runs`: the runs of the
 * execution under way, any of which names it; `startedBy`: the messages that these began with.
 */
export function decideStop(ledger: Ledger, frame: StopFrame, runs: readonly string[], startedBy: readonly string[]): StopVerdict {
  const queued = ledger.control.queue.map(({ message }) => message.id)
  const unqueued = frame.queue === true ? queued : queued.filter((id) => id === frame.message)
  const activity = activityOf(ledger)
  if (activity.kind === 'idle') return { unqueued, effect: { kind: 'nothing' } }
  const isNamed =
    (frame.run !== undefined && (frame.run === activity.run || runs.includes(frame.run))) ||
    (frame.message !== undefined && startedBy.includes(frame.message))
  if (!isNamed) return { unqueued, effect: { kind: 'nothing' } }
  switch (activity.kind) {
    case 'running':
      return { unqueued, effect: { kind: 'stop', run: activity.run } }
    case 'stopping':
      return { unqueued, effect: { kind: 'stopping already' } }
    case 'waiting':
      return { unqueued, effect: { kind: 'cancel interrupts', open: activity.open.map(({ id }) => id) } }
    default:
      return activity satisfies never
  }
}
