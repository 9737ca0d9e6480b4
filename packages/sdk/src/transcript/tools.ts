import type { EventOf } from '../protocol/events.ts'
import { isText } from '../protocol/shape.ts'
import type { ToolPart, ToolResult } from '../protocol/transcript.ts'
import { addPart, editPart, type Draft, type Edit } from './draft.ts'
import { isContent } from './from-ag-ui.ts'
import { told } from './told.ts'

/** A tool call is announced. One that is known, as where an agent replays it, stays in its place, with the arguments that it has. */
export function startTool(draft: Draft, event: EventOf<'TOOL_CALL_START'>): void {
  const { toolCallId: id, toolCallName: name, parentMessageId: parent, timestamp } = event
  if (!isText(name)) return
  const again: Edit<ToolPart> = ({ args, status }) => ({ name, status: args === '' && status === 'running' ? 'input' : status })
  if (!editPart(draft, 'tool', id, again, event))
    addPart(draft, told<ToolPart>(event, { type: 'tool', id, name, args: '', status: 'input', parent }), timestamp)
}

/** More of a call's arguments. */
export function appendArgs(draft: Draft, event: EventOf<'TOOL_CALL_ARGS'>): void {
  const { toolCallId, delta } = event
  if (isText(delta)) editPart(draft, 'tool', toolCallId, ({ status, args }) => status === 'input' && { args: args + delta }, event)
}

/** A call's arguments are complete; its result may come much later. */
export function endArgs(draft: Draft, event: EventOf<'TOOL_CALL_END'>): void {
  editPart(draft, 'tool', event.toolCallId, ({ status }) => ({ status: status === 'input' ? 'running' : status }), event)
}

/** A call's result, in place wherever the call stands; a call that nobody announced makes a part without a name. */
export function foldResult(draft: Draft, event: EventOf<'TOOL_CALL_RESULT'>): void {
  const { messageId, toolCallId: id, content, timestamp } = event
  if (!isContent(content)) return
  const result = told<ToolResult>(event, { id: messageId, content })
  if (!setResult(draft, id, result, timestamp)) addPart(draft, { type: 'tool', id, name: '', args: '', status: 'done', result }, timestamp)
}

/** Gives a call its result; says whether the call is known. */
export function setResult(draft: Draft, id: unknown, result: ToolResult, endedAt: number | undefined): boolean {
  return editPart(draft, 'tool', id, () => ({ status: 'done', result, endedAt }))
}
