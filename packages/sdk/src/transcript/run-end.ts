import type { EventOf } from '../protocol/events.ts'
import { isRecord, isText } from '../protocol/shape.ts'
import type { OpenInterrupt, Run, RunState, Subagent } from '../protocol/transcript.ts'
import { defined } from './defined.ts'
import { activeRun, editParts, editRun, type Draft } from './draft.ts'
import { listOf } from './list-of.ts'
import { closed } from './prose.ts'

type Ended = Exclude<RunState, { status: 'running' | 'stopping' }>

/** The active run ended as its agent meant it to. A terminal event of another run changes nothing. */
export function finishRun(draft: Draft, run: Run, event: EventOf<'RUN_FINISHED'>): void {
  const { runId, result, outcome } = event
  if (runId !== run.id) return
  if (outcome?.type === 'cancelled') return endRun(draft, event, { status: 'cancelled' })
  if (outcome?.type === 'interrupt') {
    endRun(draft, event, { status: 'interrupt' })
    draft.transcript.interrupts = listOf(outcome.interrupts, isRecord).map((one) => ({ ...one, run: run.id }) as unknown as OpenInterrupt)
    return
  }
  const pending = listOf(outcome?.pendingToolCallIds, isText)
  endRun(draft, event, defined<Ended>({ status: 'success', result, pendingToolCallIds: pending.length > 0 ? pending : undefined }))
}

/** The active run failed. */
export function failRun(draft: Draft, event: EventOf<'RUN_ERROR'>): void {
  const { message, code } = event
  endRun(draft, event, defined<Ended>({ status: 'error', code, message }))
}

/** Ends the active run: nothing stays open behind it but what waits for a person, or for the client's own tools. */
export function endRun(draft: Draft, event: { readonly timestamp?: number; readonly usage?: unknown }, state: Ended): void {
  const { timestamp: endedAt, usage } = event
  const pending = state.status === 'success' ? state.pendingToolCallIds : undefined
  const fate = state.status === 'error' ? 'interrupted' : 'cancelled'
  // All messages: a call that an interrupt left open in an earlier run ends here, too.
  editParts(draft, false, (part) => {
    if ('text' in part) return part.open && closed(part, endedAt)
    if (part.type !== 'tool' || (part.status !== 'input' && part.status !== 'running')) return false
    return state.status !== 'interrupt' && !pending?.includes(part.id) && { status: fate, endedAt }
  })
  const left: Subagent['status'] = state.status === 'interrupt' ? 'suspended' : 'error'
  const subagents = activeRun(draft.transcript)?.subagents?.map((one) => (one.status === 'running' ? { ...one, status: left } : one))
  editRun(draft, { state: defined<Ended>({ ...state, endedAt }), usage: usage as Run['usage'], steps: undefined, subagents })
}
