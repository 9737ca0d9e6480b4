import type { EventOf } from '../protocol/events.ts'
import type { Run, Subagent } from '../protocol/transcript.ts'
import { defined } from './defined.ts'
import { editRun, type Draft } from './draft.ts'

type End = Pick<EventOf<'SUBAGENT_FINISHED'>, 'subagentRunId' | 'result' | 'outcome'> & { readonly type: string; readonly message?: string }
type Step = NonNullable<Run['steps']>[number]

/** A step of the active run, or of one of its subagents, begins or is done. One of that name that another agent is at is not meant. */
export function foldStep(draft: Draft, { steps = [] }: Run, event: EventOf<'STEP_STARTED'> | EventOf<'STEP_FINISHED'>): void {
  const { type, stepName: name, subagentRunId: subagent } = event
  const others = steps.filter((step) => step.name !== name || step.subagent !== subagent)
  if (type === 'STEP_STARTED') editRun(draft, { steps: [...others, defined<Step>({ name, subagent })] })
  else if (others.length < steps.length) editRun(draft, { steps: others })
}

/** A subagent is at work in the active run. */
export function startSubagent(draft: Draft, { subagents = [] }: Run, event: EventOf<'SUBAGENT_STARTED'>): void {
  const { subagentRunId: id, name, description, parentSubagentRunId: parent, parentToolCallId: toolCallId } = event
  const subagent = defined<Subagent>({ id, name, status: 'running', description, parent, toolCallId })
  editRun(draft, { subagents: [...subagents.filter((one) => one.id !== id), subagent] })
}

/** A subagent is done, waits as its run does, or failed. */
export function endSubagent(draft: Draft, { subagents = [] }: Run, event: EventOf<'SUBAGENT_FINISHED'> | EventOf<'SUBAGENT_ERROR'>): void {
  const { type, subagentRunId: id, result, outcome, message } = event as End
  const status = type === 'SUBAGENT_ERROR' ? 'error' : (outcome?.type ?? 'success')
  if (subagents.some((one) => one.id === id))
    editRun(draft, { subagents: subagents.map((one) => (one.id === id ? defined<Subagent>({ ...one, status, result, message }) : one)) })
}
