import type { OpenInterrupt, SessionEvent } from '@throughline/sdk/protocol'

/** Marks the interrupts of a run whose execution lives on in `ask()`, so that after a restart it is known what was lost. */
export function markAsked(event: SessionEvent): SessionEvent {
  if (event.type !== 'RUN_FINISHED' || event.outcome?.type !== 'interrupt') return event
  const interrupts = event.outcome.interrupts.map((interrupt) => ({
    ...interrupt,
    metadata: { ...interrupt.metadata, throughline: { asked: true } },
  }))
  return { ...event, outcome: { type: 'interrupt', interrupts } }
}

/** Whether an execution waited for this one in `ask()`. */
export function wasAsked({ metadata }: OpenInterrupt): boolean {
  return (metadata?.['throughline'] as { asked?: boolean } | undefined)?.asked === true
}
