import type { SessionEvent } from '@throughline/sdk/protocol'

/**
 * Whether what an agent still says after it was told to stop goes into the journal: what it settles does, what it begins or goes on with
 * does not. `knows` tells whether the journal has what the event is about.
 */
export function countsAfterStop(event: SessionEvent, knows: (event: SessionEvent) => boolean): boolean {
  switch (event.type) {
    case 'TEXT_MESSAGE_START':
    case 'TEXT_MESSAGE_CONTENT':
    case 'TEXT_MESSAGE_CHUNK':
    case 'REASONING_START':
    case 'REASONING_MESSAGE_START':
    case 'REASONING_MESSAGE_CONTENT':
    case 'REASONING_MESSAGE_CHUNK':
    case 'TOOL_CALL_START':
    case 'TOOL_CALL_ARGS':
    case 'TOOL_CALL_CHUNK':
    case 'STEP_STARTED':
    case 'SUBAGENT_STARTED':
    // It would bring in what was left out.
    case 'MESSAGES_SNAPSHOT':
      return false
    // Only of tools and subagents that were at work already.
    case 'TOOL_CALL_RESULT':
    case 'SUBAGENT_FINISHED':
    case 'SUBAGENT_ERROR':
      return knows(event)
    default:
      return true
  }
}
