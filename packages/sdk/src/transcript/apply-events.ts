import type { EventOf, OwnEvent, SessionEvent } from '../protocol/events.ts'
import { isText } from '../protocol/shape.ts'
import type { Transcript } from '../protocol/transcript.ts'
import { foldActivity, patchActivity } from './activities.ts'
import { foldCustom } from './custom-values.ts'
import { activeRun, openDraft, type Draft } from './draft.ts'
import { setEncryptedValue } from './encrypted-value.ts'
import { applyPatch } from './json-patch.ts'
import { foldMessagesSnapshot } from './messages-snapshot.ts'
import { foldOwnEvent } from './own-events.ts'
import { appendProse, endProse, startProse } from './prose.ts'
import { failRun, finishRun } from './run-end.ts'
import { endSubagent, foldStep, startSubagent } from './run-progress.ts'
import { startRun } from './run-start.ts'
import { appendArgs, endArgs, foldResult, startTool } from './tools.ts'

/**
 * Folds events into a transcript: what a person sees of a session, as the client keeps it and the server puts it into snapshots. The
 * two agree because this is the one place where events get their meaning.
 *
 * ```ts
 * let transcript = snapshot.transcript // or EMPTY_TRANSCRIPT
 * for (const batch of batches) transcript = applyEvents(transcript, batch.events)
 * ```
 *
 * **Pure.** The given transcript is not changed, and no clock is read: times are the events' own. The transcript is all the state
 * there is, so a journal may be cut anywhere into a snapshot and batches, and adjacent deltas may be merged, without a trace.
 *
 * **Cheap.** What no event touched keeps its identity, so a view can compare by `===`; where nothing changed, the same transcript
 * comes back. What a batch touches is copied once a batch: a token costs the same however long its message and the conversation are.
 *
 * **Total.** It never throws, whatever JSON the events are made of. An event of unknown type, one that lacks a field it needs, and one
 * that has no place (a token of a text that is not open, a part without an active run) changes nothing. So do RAW, the spans
 * REASONING_START and REASONING_END, and the `*_CHUNK` types, which a host expands before they reach a journal.
 *
 * Text, reasoning, tool calls, activities and data of a run become the ordered parts of one message with the run's id. A tool result,
 * an activity or data of a known id changes its part wherever that stands; of an id that is not known it is a new part of the active
 * run. So a window that does not reach back to the part shows it anew at its end, until the next snapshot.
 */
export function applyEvents(transcript: Transcript, events: readonly SessionEvent[]): Transcript {
  const draft = openDraft(transcript)
  for (const event of events) applyEvent(draft, event)
  const next = draft.transcript
  return Object.entries(next).every(([name, value]) => value === transcript[name as keyof Transcript]) ? transcript : next
}

/** What each type of event means. RUN_STARTED apart, those of the second table only mean something while a run is under way. */
function applyEvent(draft: Draft, event: SessionEvent): void {
  const { transcript } = draft
  const run = activeRun(transcript)
  switch (event.type) {
    case 'RUN_STARTED':
      return startRun(draft, event)
    case 'RUN_FINISHED':
      return run && finishRun(draft, run, event)
    case 'RUN_ERROR':
      return run && failRun(draft, event)
    case 'TEXT_MESSAGE_START':
      return run && startProse(draft, run, 'text', event)
    case 'REASONING_MESSAGE_START':
      return run && startProse(draft, run, 'reasoning', event)
    case 'TEXT_MESSAGE_CONTENT':
      return appendProse(draft, 'text', event)
    case 'REASONING_MESSAGE_CONTENT':
      return appendProse(draft, 'reasoning', event)
    case 'TEXT_MESSAGE_END':
      return endProse(draft, 'text', event)
    case 'REASONING_MESSAGE_END':
      return endProse(draft, 'reasoning', event)
    case 'TOOL_CALL_START':
      return startTool(draft, event)
    case 'TOOL_CALL_ARGS':
      return appendArgs(draft, event)
    case 'TOOL_CALL_END':
      return endArgs(draft, event)
    case 'TOOL_CALL_RESULT':
      return foldResult(draft, event)
    case 'ACTIVITY_SNAPSHOT':
      return foldActivity(draft, event)
    case 'ACTIVITY_DELTA':
      return patchActivity(draft, event)
    case 'STATE_SNAPSHOT':
      if (event.snapshot !== undefined) transcript.agentState = event.snapshot
      return
    case 'STATE_DELTA':
      return patchState(draft, event)
    case 'MESSAGES_SNAPSHOT':
      return run && foldMessagesSnapshot(draft, run, event)
    case 'REASONING_ENCRYPTED_VALUE':
      return setEncryptedValue(draft, event)
    case 'STEP_STARTED':
    case 'STEP_FINISHED':
      return run && foldStep(draft, run, event)
    case 'SUBAGENT_STARTED':
      return run && startSubagent(draft, run, event)
    case 'SUBAGENT_FINISHED':
    case 'SUBAGENT_ERROR':
      return run && endSubagent(draft, run, event)
    case 'CUSTOM':
      if (!isText(event.name) || event.value === undefined) return
      return event.name.startsWith('throughline/') ? foldOwnEvent(draft, event as OwnEvent) : foldCustom(draft, event)
    case 'RAW':
    case 'REASONING_START':
    case 'REASONING_END':
    case 'TEXT_MESSAGE_CHUNK':
    case 'REASONING_MESSAGE_CHUNK':
    case 'TOOL_CALL_CHUNK':
      return
    default:
      // Types of a later AG-UI arrive here.
      event satisfies never
  }
}

/** A patch of the agent state, which before anybody set it is an empty object, as in AG-UI's client. One that fails changes nothing. */
function patchState({ transcript }: Draft, { delta }: EventOf<'STATE_DELTA'>): void {
  const { agentState = {} } = transcript
  const verdict = applyPatch(agentState, delta)
  if (verdict.kind === 'patched' && verdict.document !== agentState) transcript.agentState = verdict.document
}
