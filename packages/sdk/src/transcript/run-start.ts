import type { EventOf } from '../protocol/events.ts'
import { isRecord } from '../protocol/shape.ts'
import type { Run } from '../protocol/transcript.ts'
import { activeRun } from './active-run.ts'
import { write, writeLastRun, type Draft } from './draft.ts'
import { atOf, textsOf } from './event-fields.ts'
import { knownIds } from './known-ids.ts'
import { placeMessage } from './place-message.ts'
import { readMessages } from './read-messages.ts'
import { endRun } from './run-end.ts'

/** A run begins, with what is new since the last one: the first thing it holds is the user's message. */
export function startRun(draft: Draft, event: EventOf<'RUN_STARTED'>): void {
  if (draft.transcript.runs.some(({ id }) => id === event.runId)) return
  // No journal of ours lacks a terminal event; in another's, the former run must not seem to go on for ever.
  if (activeRun(draft.transcript) !== undefined)
    endRun(draft, event, { status: 'error', code: 'interrupted', message: 'the next run began before this one ended' })
  const input: unknown = event.input
  const messages = isRecord(input) ? readMessages(input['messages']) : []
  leaveLastRun(draft)
  const transcript = write(draft)
  const starting = new Set(messages.map(({ id }) => id))
  if (transcript.queue.some(({ message }) => starting.has(message.id)))
    transcript.queue = transcript.queue.filter(({ message }) => !starting.has(message.id))
  if (isRecord(input) && input['state'] !== undefined) transcript.agentState = input['state']
  const known = knownIds(transcript.messages)
  const run: Run = { id: event.runId, state: { status: 'running' }, messages: 0, ...atOf(event), ...originOf(event) }
  transcript.runs = [...transcript.runs, run]
  for (const message of messages) if (!known.has(message.id)) placeMessage(draft, run, message, event)
}

/** What the last run waited for is answered by this start, or given up. */
function leaveLastRun(draft: Draft): void {
  if (draft.transcript.interrupts.length > 0) write(draft).interrupts = []
  const state = draft.transcript.runs.at(-1)?.state
  if (state?.status !== 'success' || state.pendingToolCallIds === undefined) return
  const { pendingToolCallIds: _answered, ...rest } = state
  writeLastRun(draft).state = rest
}

function originOf({ metadata }: EventOf<'RUN_STARTED'>): Pick<Run, 'by' | 'resumes'> {
  const origin = isRecord(metadata) ? metadata['throughline'] : undefined
  return isRecord(origin) ? textsOf(origin, { by: 'by', resumes: 'resumes' }) : {}
}
