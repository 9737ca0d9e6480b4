import type { SessionEvent } from '@throughline/sdk/protocol'
import { subagentEnded, type SubagentEnd } from './brackets.ts'
import { attribution } from './owners.ts'

/** An event that closes something, with nothing but what it closes; undefined for an event that closes nothing. */
export function bareCloser(event: SessionEvent, end: SubagentEnd): SessionEvent | undefined {
  switch (event.type) {
    case 'TEXT_MESSAGE_END':
    case 'REASONING_MESSAGE_END':
    case 'REASONING_END':
      return { type: event.type, messageId: event.messageId, ...attribution(event.subagentRunId) }
    case 'TOOL_CALL_END':
      return { type: event.type, toolCallId: event.toolCallId, ...attribution(event.subagentRunId) }
    case 'STEP_FINISHED':
      return { type: event.type, stepName: event.stepName, ...attribution(event.subagentRunId) }
    case 'SUBAGENT_FINISHED':
    case 'SUBAGENT_ERROR':
      return subagentEnded(event.subagentRunId, end)
    default:
      return undefined
  }
}
