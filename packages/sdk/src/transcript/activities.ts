import type { EventOf } from '../protocol/events.ts'
import { isRecord, isText } from '../protocol/shape.ts'
import type { ActivityPart } from '../protocol/transcript.ts'
import { addPart, defined, editPart, findPart, mergeMetadata, type Draft } from './draft.ts'
import { applyPatch } from './json-patch.ts'

/** An activity as a whole. Told not to replace, a known one keeps its content; metadata gathers either way. */
export function foldActivity(draft: Draft, event: EventOf<'ACTIVITY_SNAPSHOT'>): void {
  const { messageId: id, activityType, content, timestamp: at, subagentRunId: subagent, metadata } = event
  const place = findPart(draft, 'activity', id)
  if (!isRecord(content) || !isText(activityType)) return
  if (place === undefined) addPart(draft, defined<ActivityPart>({ type: 'activity', id, activityType, content, at, subagent, metadata }))
  else
    editPart(draft, place, {
      metadata: mergeMetadata(place.part, event),
      ...(event.replace !== false && { activityType, content, subagent }),
    })
}

/** A change of an activity's content. A patch that fails changes nothing of it. */
export function patchActivity(draft: Draft, event: EventOf<'ACTIVITY_DELTA'>): void {
  const place = findPart(draft, 'activity', event.messageId)
  if (place === undefined) return
  const verdict = applyPatch(place.part.content, event.patch)
  const content = verdict.kind === 'patched' && isRecord(verdict.document) ? verdict.document : undefined
  editPart(draft, place, {
    metadata: mergeMetadata(place.part, event),
    ...(content && { content, activityType: event.activityType ?? place.part.activityType }),
  })
}
