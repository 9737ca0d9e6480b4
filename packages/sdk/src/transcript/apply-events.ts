import type { SessionEvent } from '../protocol/events.ts'
import type { Transcript } from '../protocol/transcript.ts'
import { foldActivity, patchActivity } from './activity-parts.ts'
import { foldCustom } from './custom-events.ts'
import { openDraft, write, type Draft } from './draft.ts'
import { setEncryptedValue } from './encrypted-value.ts'
import { hasTexts } from './event-fields.ts'
import { applyPatch } from './json-patch.ts'
import { foldMessagesSnapshot } from './messages-snapshot.ts'
import { failRun, finishRun } from './run-end.ts'
import { failSubagent, finishStep, finishSubagent, startStep, startSubagent } from './run-progress.ts'
import { startRun } from './run-start.ts'
import { appendText, endText, startText } from './text-parts.ts'
import { appendArgs, endArgs, foldToolResult, startTool } from './tool-parts.ts'

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
  return draft.transcript
}

function applyEvent(draft: Draft, event: SessionEvent): void {
  switch (event.type) {
    case 'RUN_STARTED':
      if (hasTexts(event, 'runId')) startRun(draft, event)
      return
    case 'RUN_FINISHED':
      return finishRun(draft, event)
    case 'RUN_ERROR':
      return failRun(draft, event)
    case 'TEXT_MESSAGE_START':
      if (hasTexts(event, 'messageId')) startText(draft, 'text', event)
      return
    case 'REASONING_MESSAGE_START':
      if (hasTexts(event, 'messageId')) startText(draft, 'reasoning', event)
      return
    case 'TEXT_MESSAGE_CONTENT':
      if (hasTexts(event, 'messageId', 'delta')) appendText(draft, 'text', event)
      return
    case 'REASONING_MESSAGE_CONTENT':
      if (hasTexts(event, 'messageId', 'delta')) appendText(draft, 'reasoning', event)
      return
    case 'TEXT_MESSAGE_END':
      return endText(draft, 'text', event)
    case 'REASONING_MESSAGE_END':
      return endText(draft, 'reasoning', event)
    case 'TOOL_CALL_START':
      if (hasTexts(event, 'toolCallId', 'toolCallName')) startTool(draft, event)
      return
    case 'TOOL_CALL_ARGS':
      if (hasTexts(event, 'toolCallId', 'delta')) appendArgs(draft, event)
      return
    case 'TOOL_CALL_END':
      return endArgs(draft, event)
    case 'TOOL_CALL_RESULT':
      if (hasTexts(event, 'toolCallId', 'messageId')) foldToolResult(draft, event)
      return
    case 'STATE_SNAPSHOT':
      if (event.snapshot !== undefined) write(draft).agentState = event.snapshot
      return
    case 'STATE_DELTA':
      return patchState(draft, event.delta)
    case 'ACTIVITY_SNAPSHOT':
      if (hasTexts(event, 'messageId', 'activityType')) foldActivity(draft, event)
      return
    case 'ACTIVITY_DELTA':
      if (hasTexts(event, 'activityType')) patchActivity(draft, event)
      return
    case 'MESSAGES_SNAPSHOT':
      return foldMessagesSnapshot(draft, event)
    case 'REASONING_ENCRYPTED_VALUE':
      if (hasTexts(event, 'encryptedValue')) setEncryptedValue(draft, event)
      return
    case 'STEP_STARTED':
      if (hasTexts(event, 'stepName')) startStep(draft, event)
      return
    case 'STEP_FINISHED':
      return finishStep(draft, event)
    case 'SUBAGENT_STARTED':
      if (hasTexts(event, 'subagentRunId', 'name')) startSubagent(draft, event)
      return
    case 'SUBAGENT_FINISHED':
      return finishSubagent(draft, event)
    case 'SUBAGENT_ERROR':
      return failSubagent(draft, event)
    case 'CUSTOM':
      if (hasTexts(event, 'name')) foldCustom(draft, event)
      return
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
function patchState(draft: Draft, operations: unknown): void {
  const { agentState: before = {} } = draft.transcript
  const verdict = applyPatch(before, operations)
  if (verdict.kind === 'patched' && verdict.document !== before) write(draft).agentState = verdict.document
}
