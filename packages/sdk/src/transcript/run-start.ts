import type { EventOf } from '../protocol/events.ts'
import { isRecord, isText } from '../protocol/shape.ts'
import type { Run } from '../protocol/transcript.ts'
import { activeRun, addMessage, defined, editRun, type Draft } from './draft.ts'
import { knownIds } from './known-ids.ts'
import { endRun } from './run-end.ts'
import { readMessages } from './sound-fields.ts'

/** A run begins, with what is new since the last one: the first thing it holds is the user's message. */
export function startRun(draft: Draft, event: EventOf<'RUN_STARTED'>): void {
  const { transcript } = draft
  const { runId: id, timestamp: at, metadata, input } = event
  if (!isText(id) || transcript.runs.some((run) => run.id === id)) return
  // No journal of ours lacks a terminal event; in another's, the former run must not seem to go on for ever.
  if (activeRun(draft) !== undefined) endRun(draft, event, { status: 'error', code: 'interrupted', message: '' })
  leaveLastRun(draft)
  const origin: unknown = metadata?.['throughline']
  const { by, resumes }: Pick<Run, 'by' | 'resumes'> = isRecord(origin) ? origin : {}
  transcript.runs = [...transcript.runs, defined<Run>({ id, state: { status: 'running' }, messages: 0, at, by, resumes })]
  if (input?.state !== undefined) transcript.agentState = input.state

  const known = knownIds(transcript.messages)
  for (const message of readMessages(input?.messages)) {
    if (transcript.queue.some((queued) => queued.message.id === message.id))
      transcript.queue = transcript.queue.filter((queued) => queued.message.id !== message.id)
    if (!known.has(message.id)) addMessage(draft, message, at)
  }
}

/** What the last run waited for is answered by this start, or given up. */
function leaveLastRun(draft: Draft): void {
  const { transcript } = draft
  if (transcript.interrupts.length > 0) transcript.interrupts = []
  const state = transcript.runs.at(-1)?.state
  if (state?.status !== 'success' || state.pendingToolCallIds === undefined) return
  const { pendingToolCallIds: _answered, ...ended } = state
  editRun(draft, { state: ended })
}
