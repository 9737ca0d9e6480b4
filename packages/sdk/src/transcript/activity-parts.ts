import type { EventOf } from '../protocol/events.ts'
import { isRecord } from '../protocol/shape.ts'
import type { ActivityPart } from '../protocol/transcript.ts'
import { addPart, findPart, writePart, type Draft, type Place } from './draft.ts'
import { atOf, metadataOf, textsOf } from './event-fields.ts'
import { applyPatch } from './json-patch.ts'

/** An activity as a whole. Told not to replace, a known one keeps its content; metadata gathers either way. */
export function foldActivity(draft: Draft, event: EventOf<'ACTIVITY_SNAPSHOT'>): void {
  const { messageId: id, activityType, content } = event
  if (!isRecord(content)) return
  const place = findActivity(draft, id)
  const activity: ActivityPart = { type: 'activity', id, activityType, content, ...textsOf(event, { subagent: 'subagentRunId' }) }
  if (place === undefined) return addPart(draft, { ...activity, ...metadataOf(event) }, atOf(event))
  foldMetadata(draft, place, event)
  if (event.replace === false) return
  const part = writePart(draft, place)
  delete part.subagent
  Object.assign(part, activity)
}

/** A change of an activity's content. A patch that fails changes nothing of it. */
export function patchActivity(draft: Draft, event: EventOf<'ACTIVITY_DELTA'>): void {
  const place = findActivity(draft, event.messageId)
  if (place === undefined) return
  foldMetadata(draft, place, event)
  const verdict = applyPatch(place.found.content, event.patch)
  if (verdict.kind === 'patched' && isRecord(verdict.document))
    Object.assign(writePart(draft, place), { content: verdict.document, activityType: event.activityType })
}

function findActivity(draft: Draft, id: string): Place<ActivityPart> | undefined {
  return findPart(draft, (part): part is ActivityPart => part.type === 'activity' && part.id === id)
}

function foldMetadata(draft: Draft, place: Place<ActivityPart>, event: { metadata?: unknown }): void {
  if (metadataOf(event).metadata === undefined) return
  const part = writePart(draft, place)
  Object.assign(part, metadataOf(event, part.metadata))
}
