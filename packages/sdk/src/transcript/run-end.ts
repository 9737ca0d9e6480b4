import type { EventOf, Interrupt } from '../protocol/events.ts'
import { isRecord, isText } from '../protocol/shape.ts'
import type { OpenInterrupt, RunState, ToolStatus } from '../protocol/transcript.ts'
import { activeRun } from './active-run.ts'
import { write, writeLastRun, writePart, type Draft } from './draft.ts'
import { endedAtOf, hasTexts, textsOf } from './event-fields.ts'
import { closeText } from './text-parts.ts'

type Ended = Exclude<RunState, { status: 'running' | 'stopping' }>

/** The active run ended as its agent meant it to; a second terminal event, or another run's, changes nothing. */
export function finishRun(draft: Draft, event: EventOf<'RUN_FINISHED'>): void {
  const run = activeRun(draft.transcript)
  if (run === undefined || (hasTexts(event, 'runId') && run.id !== event.runId)) return
  const outcome: unknown = event.outcome
  const { type, interrupts, pendingToolCallIds }: Record<string, unknown> = isRecord(outcome) ? outcome : {}
  if (type === 'cancelled') return endRun(draft, event, { status: 'cancelled' })
  if (type !== 'interrupt')
    return endRun(draft, event, {
      status: 'success',
      ...(event.result !== undefined && { result: event.result }),
      ...(Array.isArray(pendingToolCallIds) && { pendingToolCallIds: pendingToolCallIds.filter(isText) }),
    })
  endRun(draft, event, { status: 'interrupt' })
  if (Array.isArray(interrupts)) write(draft).interrupts = interrupts.filter(isInterrupt).map((one): OpenInterrupt => ({ ...one, run: run.id }))
}

/** The active run failed. */
export function failRun(draft: Draft, event: EventOf<'RUN_ERROR'>): void {
  if (activeRun(draft.transcript) === undefined) return
  endRun(draft, event, { status: 'error', message: '', ...textsOf(event, { message: 'message', code: 'code' }) })
}

/** Ends the active run: nothing stays open behind it but what waits for a person, or for the client's own tools. */
export function endRun(draft: Draft, event: { timestamp?: unknown; usage?: unknown }, state: Ended): void {
  settleParts(draft, event, state)
  const run = writeLastRun(draft)
  run.state = { ...state, ...endedAtOf(event) }
  if (Array.isArray(event.usage)) run.usage = event.usage
  delete run.steps
  const left = state.status === 'interrupt' ? 'suspended' : 'error'
  if (run.subagents?.some(({ status }) => status === 'running') === true)
    run.subagents = run.subagents.map((subagent) => (subagent.status === 'running' ? { ...subagent, status: left } : subagent))
}

/** Goes through all messages: a call that an interrupt left open in an earlier run ends here, too. */
function settleParts(draft: Draft, event: { timestamp?: unknown }, state: Ended): void {
  const fate: ToolStatus = state.status === 'error' ? 'interrupted' : 'cancelled'
  const pending = new Set(state.status === 'success' ? state.pendingToolCallIds : [])
  const { messages } = draft.transcript
  for (let message = messages.length - 1; message >= 0; message--) {
    const parts = messages[message]?.parts ?? []
    for (let part = parts.length - 1; part >= 0; part--) {
      const found = parts[part]
      if ((found?.type === 'text' || found?.type === 'reasoning') && found.open === true)
        closeText(draft, { message, part, found }, endedAtOf(event))
      if (found?.type !== 'tool' || (found.status !== 'input' && found.status !== 'running')) continue
      if (state.status !== 'interrupt' && !pending.has(found.id))
        Object.assign(writePart(draft, { message, part, found }), { status: fate, ...endedAtOf(event) })
    }
  }
}

function isInterrupt(value: unknown): value is Interrupt {
  return isRecord(value) && typeof value['id'] === 'string'
}

