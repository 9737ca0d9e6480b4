import type { EventOf, SessionEvent } from '@throughline/sdk/protocol'
import { jsonBytes } from './json-bytes.ts'

/** An event that appends to a part: the only kind that may be merged. */
export type Delta = EventOf<'TEXT_MESSAGE_CONTENT'> | EventOf<'REASONING_MESSAGE_CONTENT'> | EventOf<'TOOL_CALL_ARGS'>

/**
 * Whether an event is a delta without anything beside its part and its text. One with metadata, say, is not: merging it would have to
 * decide what becomes of that. (JSON patches never count: one failing operation would void a merged patch.)
 */
export function isPlainDelta(event: SessionEvent): event is Delta {
  switch (event.type) {
    case 'TEXT_MESSAGE_CONTENT':
    case 'REASONING_MESSAGE_CONTENT':
    case 'TOOL_CALL_ARGS':
      return Object.keys(event).length === (event.subagentRunId === undefined ? 3 : 4)
    default:
      return false
  }
}

/** The part that a delta belongs to. */
export function partOf(delta: Delta): string {
  return delta.type === 'TOOL_CALL_ARGS' ? delta.toolCallId : delta.messageId
}

/** Whether two plain deltas append to the same part, and so may become one. */
export function isSamePart(one: Delta, other: Delta): boolean {
  return one.type === other.type && partOf(one) === partOf(other) && one.subagentRunId === other.subagentRunId
}

const NAMES_BYTES = '{"type":"REASONING_MESSAGE_CONTENT","messageId":"","delta":"","subagentRunId":""},'.length

/** At most how many bytes a plain delta has in a batch beside its text. */
export function bytesBeside(delta: Delta): number {
  return NAMES_BYTES + jsonBytes(partOf(delta)) + jsonBytes(delta.subagentRunId ?? '')
}
