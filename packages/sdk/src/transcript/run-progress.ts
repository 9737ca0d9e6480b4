import type { EventOf } from '../protocol/events.ts'
import { isRecord } from '../protocol/shape.ts'
import type { Subagent } from '../protocol/transcript.ts'
import { activeRun } from './active-run.ts'
import { writeLastRun, type Draft } from './draft.ts'
import { textsOf } from './event-fields.ts'

type StepEvent = EventOf<'STEP_STARTED'> | EventOf<'STEP_FINISHED'>

/** A step of the active run, or of one of its subagents, is under way. */
export function startStep(draft: Draft, event: StepEvent): void {
  const run = activeRun(draft.transcript)
  if (run === undefined || run.steps?.some(isStepOf(event)) === true) return
  const step = { name: event.stepName, ...textsOf(event, { subagent: 'subagentRunId' }) }
  writeLastRun(draft).steps = [...(run.steps ?? []), step]
}

/** A step is done. One of the same name that another agent is at is not meant. */
export function finishStep(draft: Draft, event: StepEvent): void {
  const run = activeRun(draft.transcript)
  const isDone = isStepOf(event)
  if (run?.steps?.some(isDone) === true) writeLastRun(draft).steps = run.steps.filter((step) => !isDone(step))
}

/** A subagent is at work in the active run. */
export function startSubagent(draft: Draft, event: EventOf<'SUBAGENT_STARTED'>): void {
  const run = activeRun(draft.transcript)
  if (run === undefined) return
  const told = textsOf(event, { description: 'description', parent: 'parentSubagentRunId', toolCallId: 'parentToolCallId' })
  const subagent: Subagent = { id: event.subagentRunId, name: event.name, status: 'running', ...told }
  writeLastRun(draft).subagents = [...(run.subagents ?? []).filter(({ id }) => id !== subagent.id), subagent]
}

/** A subagent is done, or waits as its run does. */
export function finishSubagent(draft: Draft, event: EventOf<'SUBAGENT_FINISHED'>): void {
  const outcome: unknown = event.outcome
  const status = isRecord(outcome) && outcome['type'] === 'suspended' ? 'suspended' : 'success'
  changeSubagent(draft, event.subagentRunId, { status, ...(event.result !== undefined && { result: event.result }) })
}

/** A subagent failed. */
export function failSubagent(draft: Draft, event: EventOf<'SUBAGENT_ERROR'>): void {
  changeSubagent(draft, event.subagentRunId, { status: 'error', ...textsOf(event, { message: 'message' }) })
}

function changeSubagent(draft: Draft, id: string, change: Partial<Subagent>): void {
  const subagents = activeRun(draft.transcript)?.subagents
  if (subagents?.some((subagent) => subagent.id === id) !== true) return
  writeLastRun(draft).subagents = subagents.map((subagent) => (subagent.id === id ? { ...subagent, ...change } : subagent))
}

function isStepOf(event: StepEvent): (step: { readonly name: string; readonly subagent?: string }) => boolean {
  const { subagent } = textsOf(event, { subagent: 'subagentRunId' })
  return (step) => step.name === event.stepName && step.subagent === subagent
}
