import type { EventOf } from '../protocol/events.ts'
import { isContent } from '../protocol/is-content.ts'
import { isText } from '../protocol/shape.ts'
import type { ToolPart, ToolResult } from '../protocol/transcript.ts'
import { addPart, defined, editPart, findPart, mergeMetadata, type Draft } from './draft.ts'

/** A tool call is announced. One that is known already, as where an agent replays it, stays in its place with its arguments. */
export function startTool(draft: Draft, event: EventOf<'TOOL_CALL_START'>): void {
  const { toolCallId: id, toolCallName: name, parentMessageId: parent, timestamp: at, subagentRunId: subagent, metadata } = event
  const place = findPart(draft, 'tool', id)
  if (!isText(name)) return
  if (place !== undefined) editPart(draft, place, { name, metadata: mergeMetadata(place.part, event) })
  else addPart(draft, defined<ToolPart>({ type: 'tool', id, name, args: '', status: 'input', parent, at, subagent, metadata }))
}

/** More of a call's arguments. */
export function appendArgs(draft: Draft, event: EventOf<'TOOL_CALL_ARGS'>): void {
  const place = findPart(draft, 'tool', event.toolCallId)
  if (place?.part.status === 'input' && isText(event.delta))
    editPart(draft, place, { args: place.part.args + event.delta, metadata: mergeMetadata(place.part, event) })
}

/** A call's arguments are complete; its result may come much later. */
export function endArgs(draft: Draft, event: EventOf<'TOOL_CALL_END'>): void {
  const place = findPart(draft, 'tool', event.toolCallId)
  if (place === undefined) return
  const { status } = place.part
  editPart(draft, place, { status: status === 'input' ? 'running' : status, metadata: mergeMetadata(place.part, event) })
}

/** A call's result, in place wherever the call stands; a call that nobody announced makes a part without a name. */
export function foldResult(draft: Draft, event: EventOf<'TOOL_CALL_RESULT'>): void {
  const { messageId, toolCallId: id, content, timestamp: at, subagentRunId: subagent, metadata } = event
  if (!isText(messageId) || !isContent(content)) return
  const result = defined<ToolResult>({ id: messageId, content, subagent, metadata })
  if (!setResult(draft, id, result, at))
    addPart(draft, defined<ToolPart>({ type: 'tool', id, name: '', args: '', status: 'done', result, at, endedAt: at }))
}

/** Gives a call its result; says whether the call is known. */
export function setResult(draft: Draft, id: unknown, result: ToolResult, endedAt: number | undefined): boolean {
  const place = findPart(draft, 'tool', id)
  if (place !== undefined) editPart(draft, place, { status: 'done', result, endedAt })
  return place !== undefined
}
