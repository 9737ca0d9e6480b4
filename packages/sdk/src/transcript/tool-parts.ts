import type { EventOf } from '../protocol/events.ts'
import { isContent } from '../protocol/is-content.ts'
import type { Part, ToolPart, ToolResult } from '../protocol/transcript.ts'
import { addPart, findPart, writePart, type Draft, type Place } from './draft.ts'
import { atOf, endedAtOf, metadataOf, textsOf } from './event-fields.ts'

/** A tool call is announced. One that is known already, as where an agent replays it, stays in its place with its arguments. */
export function startTool(draft: Draft, event: EventOf<'TOOL_CALL_START'>): void {
  const { toolCallId: id, toolCallName: name } = event
  const known = findTool(draft, id)
  if (known !== undefined) {
    if (known.found.name !== name) writePart(draft, known).name = name
    return foldMetadata(draft, known, event)
  }
  const told = { ...textsOf(event, { parent: 'parentMessageId', subagent: 'subagentRunId' }), ...metadataOf(event) }
  addPart(draft, { type: 'tool', id, name, args: '', status: 'input', ...atOf(event), ...told }, atOf(event))
}

/** More of a call's arguments. */
export function appendArgs(draft: Draft, event: EventOf<'TOOL_CALL_ARGS'>): void {
  const place = findTool(draft, event.toolCallId)
  if (place?.found.status !== 'input') return
  if (event.delta !== '') writePart(draft, place).args += event.delta
  foldMetadata(draft, place, event)
}

/** A call's arguments are complete; its result may come much later. */
export function endArgs(draft: Draft, event: EventOf<'TOOL_CALL_END'>): void {
  const place = findTool(draft, event.toolCallId)
  if (place === undefined) return
  if (place.found.status === 'input') writePart(draft, place).status = 'running'
  foldMetadata(draft, place, event)
}

/** A call's result, in place wherever the call stands; a call that nobody announced makes a part without a name. */
export function foldToolResult(draft: Draft, event: EventOf<'TOOL_CALL_RESULT'>): void {
  const { messageId: id, toolCallId, content } = event
  if (!isContent(content)) return
  const result = { id, content, ...textsOf(event, { subagent: 'subagentRunId' }), ...metadataOf(event) }
  if (setResult(draft, toolCallId, result, event)) return
  const times = { ...atOf(event), ...endedAtOf(event) }
  addPart(draft, { type: 'tool', id: toolCallId, name: '', args: '', status: 'done', result, ...times }, atOf(event))
}

/** Gives a call its result; says whether the call is known. */
export function setResult(draft: Draft, toolCallId: string, result: ToolResult, event: { timestamp?: unknown }): boolean {
  const place = findTool(draft, toolCallId)
  if (place !== undefined) Object.assign(writePart(draft, place), { status: 'done', result, ...endedAtOf(event) })
  return place !== undefined
}

/** Where a tool call stands. */
export function findTool(draft: Draft, id: string): Place<ToolPart> | undefined {
  return findPart(draft, (part: Part): part is ToolPart => part.type === 'tool' && part.id === id)
}

function foldMetadata(draft: Draft, place: Place<ToolPart>, event: { metadata?: unknown }): void {
  if (metadataOf(event).metadata === undefined) return
  const part = writePart(draft, place)
  Object.assign(part, metadataOf(event, part.metadata))
}
