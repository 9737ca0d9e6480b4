import type { EventOf } from '../protocol/events.ts'
import { isText } from '../protocol/shape.ts'
import type { Run, RunState } from '../protocol/transcript.ts'
import { addMessage } from './add-message.ts'
import { defined } from './defined.ts'
import { activeRun, editRun, type Draft } from './draft.ts'
import { isMessage } from './from-ag-ui.ts'
import { knownIds } from './known-ids.ts'
import { listOf } from './list-of.ts'
import { dequeue } from './own-events.ts'
import { endRun } from './run-end.ts'

/** A run begins, with what is new since the last one: the first thing it holds is the user's message. */
export function startRun(draft: Draft, event: EventOf<'RUN_STARTED'>): void {
  const { transcript } = draft
  const { runId: id, timestamp: at, metadata, input } = event
  const { runs } = transcript
  if (!isText(id) || runs.some((run) => run.id === id)) return
  // No journal of ours lacks a terminal event; in another's, the former run must not seem to go on for ever.
  if (activeRun(transcript)) endRun(draft, {}, { status: 'error', code: 'interrupted', message: '' })
  // What the last run waited for is answered by this start, or given up.
  transcript.interrupts = []
  const state = runs.at(-1)?.state
  if (state?.status === 'success') editRun(draft, { state: defined<RunState>({ ...state, pendingToolCallIds: undefined }) })
  const { by, resumes } = (metadata?.['throughline'] ?? {}) as Pick<Run, 'by' | 'resumes'>
  const run = defined<Run>({ id, state: { status: 'running' }, messages: 0, at, by, resumes })
  transcript.runs = [...transcript.runs, run]
  if (input?.state !== undefined) transcript.agentState = input.state

  const known = knownIds(transcript.messages)
  for (const message of listOf(input?.messages, isMessage)) {
    dequeue(transcript, message.id)
    if (!known.has(message.id)) addMessage(draft, run, message, at)
    known.add(message.id)
  }
}
