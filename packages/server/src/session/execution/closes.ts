import type { SessionEvent } from '@throughline/sdk/protocol'

/** Whether one event closes what the other opens. */
export function closes(closer: SessionEvent, opener: SessionEvent): boolean {
  switch (closer.type) {
    case 'TEXT_MESSAGE_END':
      return opener.type === 'TEXT_MESSAGE_START' && opener.messageId === closer.messageId
    case 'REASONING_MESSAGE_END':
      return opener.type === 'REASONING_MESSAGE_START' && opener.messageId === closer.messageId
    case 'REASONING_END':
      return opener.type === 'REASONING_START' && opener.messageId === closer.messageId
    case 'TOOL_CALL_END':
      return opener.type === 'TOOL_CALL_START' && opener.toolCallId === closer.toolCallId
    case 'STEP_FINISHED':
      return opener.type === 'STEP_STARTED' && opener.stepName === closer.stepName && opener.subagentRunId === closer.subagentRunId
    case 'SUBAGENT_FINISHED':
    case 'SUBAGENT_ERROR':
      return opener.type === 'SUBAGENT_STARTED' && opener.subagentRunId === closer.subagentRunId
    default:
      return false
  }
}
