import type { EventOf } from '../protocol/events.ts'
import { isText } from '../protocol/shape.ts'
import type { Run, Subagent } from '../protocol/transcript.ts'
import { defined, editRun, type Draft } from './draft.ts'

type Step = NonNullable<Run['steps']>[number]

/** A step of the active run, or of one of its subagents, begins or is done. One of that name that another agent is at is not meant. */
export function foldStep(draft: Draft, { steps = [] }: Run, event: EventOf<'STEP_STARTED'> | EventOf<'STEP_FINISHED'>): void {
  const { type, stepName: name, subagentRunId: subagent } = event
  const others = steps.filter((step) => step.name !== name || step.subagent !== subagent)
  const isKnown = others.length < steps.length
  if (type === 'STEP_FINISHED' && isKnown) editRun(draft, { steps: others })
  if (type === 'STEP_STARTED' && !isKnown && isText(name)) editRun(draft, { steps: [...steps, defined<Step>({ name, subagent })] })
}

/** A subagent is at work in the active run. */
export function startSubagent(draft: Draft, { subagents = [] }: Run, event: EventOf<'SUBAGENT_STARTED'>): void {
  const { subagentRunId: id, name, description, parentSubagentRunId: parent, parentToolCallId: toolCallId } = event
  if (!isText(id) || !isText(name)) return
  const subagent = defined<Subagent>({ id, name, status: 'running', description, parent, toolCallId })
  editRun(draft, { subagents: [...subagents.filter((one) => one.id !== id), subagent] })
}

/** A subagent is done, waits as its run does, or failed. */
export function endSubagent(draft: Draft, { subagents = [] }: Run, event: EventOf<'SUBAGENT_FINISHED'> | EventOf<'SUBAGENT_ERROR'>): void {
  const { subagentRunId: id } = event
  if (!subagents.some((one) => one.id === id)) return
  const end: Partial<Subagent> =
    event.type === 'SUBAGENT_ERROR'
      ? { status: 'error', message: isText(event.message) ? event.message : '' }
      : { status: event.outcome?.type ?? 'success', ...(event.result !== undefined && { result: event.result }) }
  editRun(draft, { subagents: subagents.map((one) => (one.id === id ? { ...one, ...end } : one)) })
}
