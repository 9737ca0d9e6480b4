import type { EventOf } from '../protocol/events.ts'
import { isRecord, isText } from '../protocol/shape.ts'
import type { OpenInterrupt, Run, RunState } from '../protocol/transcript.ts'
import { defined, editPart, editRun, type Draft } from './draft.ts'
import { closeProse } from './prose.ts'

type Ended = Exclude<RunState, { status: 'running' | 'stopping' }>

/** The active run ended as its agent meant it to. A terminal event of another run changes nothing. */
export function finishRun(draft: Draft, run: Run, event: EventOf<'RUN_FINISHED'>): void {
  const { runId = run.id, result, outcome } = event
  if (runId !== run.id) return
  switch (outcome?.type) {
    case 'interrupt':
      endRun(draft, event, { status: 'interrupt' })
      draft.transcript.interrupts = listOf(outcome.interrupts, isRecord).map((one) => ({ ...one, run: run.id }) as OpenInterrupt)
      return
    case 'cancelled':
      return endRun(draft, event, { status: 'cancelled' })
    default: {
      const pendingToolCallIds = outcome?.pendingToolCallIds && listOf(outcome.pendingToolCallIds, isText)
      endRun(draft, event, defined<Ended>({ status: 'success', result, pendingToolCallIds }))
    }
  }
}

/** The active run failed. */
export function failRun(draft: Draft, event: EventOf<'RUN_ERROR'>): void {
  const { message, code } = event
  endRun(draft, event, defined<Ended>({ status: 'error', code, message: isText(message) ? message : '' }))
}

/** Ends the active run: nothing stays open behind it but what waits for a person, or for the client's own tools. */
export function endRun(draft: Draft, event: { readonly timestamp?: number; readonly usage?: unknown }, state: Ended): void {
  const { timestamp: endedAt, usage } = event
  settleParts(draft, endedAt, state)
  const left = state.status === 'interrupt' ? 'suspended' : 'error'
  const subagents = draft.transcript.runs.at(-1)?.subagents?.map((one) => (one.status === 'running' ? { ...one, status: left } : one))
  editRun(draft, { state: defined({ ...state, endedAt }), usage: Array.isArray(usage) ? usage : undefined, steps: undefined, subagents })
}

/** Goes through all messages: a call that an interrupt left open in an earlier run ends here, too. */
function settleParts(draft: Draft, endedAt: number | undefined, state: Ended): void {
  const { messages } = draft.transcript
  const pending = state.status === 'success' ? state.pendingToolCallIds : undefined
  for (let message = messages.length - 1; message >= 0; message--) {
    const parts = messages[message]?.parts ?? []
    for (let index = parts.length - 1; index >= 0; index--) {
      const part = parts[index]
      if ((part?.type === 'text' || part?.type === 'reasoning') && part.open === true)
        closeProse(draft, { message, index, part }, { timestamp: endedAt })
      if (part?.type !== 'tool' || (part.status !== 'input' && part.status !== 'running')) continue
      if (state.status !== 'interrupt' && pending?.includes(part.id) !== true)
        editPart(draft, { message, index, part }, { status: state.status === 'error' ? 'interrupted' : 'cancelled', endedAt })
    }
  }
}

function listOf<T>(list: unknown, fits: (item: unknown) => item is T): T[] {
  return Array.isArray(list) ? list.filter(fits) : []
}
