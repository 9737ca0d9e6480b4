import type { EventOf, SessionEvent } from '@throughline/sdk/protocol'
import type { Names } from './names.ts'
import { openParts } from './open-parts.ts'
import { attribution, type Owners } from './owners.ts'

/** The tool calls of an execution. Methods as in {@link TextMessages}. */
export interface ToolCalls {
  start(event: EventOf<'TOOL_CALL_START'>): SessionEvent[]
  args(event: EventOf<'TOOL_CALL_ARGS'>): SessionEvent[]
  end(event: EventOf<'TOOL_CALL_END'>): SessionEvent[]
  result(event: EventOf<'TOOL_CALL_RESULT'>): SessionEvent[]
  /** Says of all calls whose arguments still come that they are complete, for the end of a run. */
  suspend(): SessionEvent[]
}

export interface ToolCallsOptions {
  readonly calls: Names
  /** The names of the messages that hold calls and results. */
  readonly messages: Names
  readonly owners: Owners
  /** Calls of earlier executions that this one is to give results for. */
  readonly awaited: Iterable<string>
}

export function toolCalls({ calls, messages, owners, awaited: unsettled }: ToolCallsOptions): ToolCalls {
  const awaited = new Set(unsettled)
  const parts = openParts<EventOf<'TOOL_CALL_START'>>()

  function start({ parentMessageId, ...event }: EventOf<'TOOL_CALL_START'>): SessionEvent[] {
    // An agent that is called anew may tell again of a call that it goes on with.
    if (parts.find(event.toolCallId) !== undefined || awaited.has(event.toolCallId)) return []
    // Some models count their calls from 0 in every turn; arguments must not go to the call of an earlier turn.
    const id = calls.give(event.toolCallId, (given) => calls.isUsed(given))
    const parent = parentMessageId === undefined ? undefined : messages.of(parentMessageId)
    // A call belongs to whom its message belongs to: one that names both a subagent and another's message keeps the subagent.
    const isHeld = parent !== undefined && !owners.contradicts('message', parent, event.subagentRunId)
    const owner = event.subagentRunId ?? (isHeld ? owners.of('message', parent) : undefined)
    owners.claim('tool', id, owner)
    parts.add(event.toolCallId, { id, opener: event })
    return [{ ...event, toolCallId: id, ...(isHeld && { parentMessageId: parent }), ...attribution(owner) }]
  }

  return {
    start,
    args(event) {
      const open = parts.find(event.toolCallId)
      if (open === undefined && calls.isUsed(calls.of(event.toolCallId))) return []
      const { toolCallId, subagentRunId } = event
      const opened =
        open === undefined ? start({ type: 'TOOL_CALL_START', toolCallId, toolCallName: '', ...attribution(subagentRunId) }) : []
      const id = calls.of(toolCallId)
      return [...opened, owners.agree('tool', id, { ...event, toolCallId: id })]
    },
    end(event) {
      const part = parts.close(event.toolCallId)
      return part === undefined ? [] : [owners.agree('tool', part.id, { ...event, toolCallId: part.id })]
    },
    result(event) {
      awaited.delete(event.toolCallId)
      const messageId = messages.give(event.messageId)
      owners.assign('message', messageId, event.subagentRunId)
      return [{ ...event, messageId, toolCallId: calls.of(event.toolCallId) }]
    },
    suspend: () => parts.suspend().map(({ id }) => ({ type: 'TOOL_CALL_END', toolCallId: id, ...attribution(owners.of('tool', id)) })),
  }
}
