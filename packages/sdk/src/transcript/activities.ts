import type { EventOf } from '../protocol/events.ts'
import { isRecord } from '../protocol/shape.ts'
import type { ActivityPart } from '../protocol/transcript.ts'
import { addPart, editPart, type Draft } from './draft.ts'
import { applyPatch } from './json-patch.ts'
import { told } from './told.ts'

/** An activity as a whole. Told not to replace, a known one keeps its content; metadata gathers either way. */
export function foldActivity(draft: Draft, event: EventOf<'ACTIVITY_SNAPSHOT'>): void {
  const { messageId: id, activityType, content, replace, subagentRunId: subagent, timestamp } = event
  if (isRecord(content) && !editPart(draft, 'activity', id, () => (replace === false ? {} : { activityType, content, subagent }), event))
    addPart(draft, told<ActivityPart>(event, { type: 'activity', id, activityType, content }), timestamp)
}

/** A change of an activity's content. A patch that fails changes nothing of it. */
export function patchActivity(draft: Draft, event: EventOf<'ACTIVITY_DELTA'>): void {
  const { messageId, activityType, patch } = event
  const patched = ({ content }: ActivityPart): Partial<ActivityPart> => {
    const verdict = applyPatch(content, patch)
    return verdict.kind === 'patched' && isRecord(verdict.document) ? { activityType, content: verdict.document } : {}
  }
  editPart(draft, 'activity', messageId, patched, event)
}
