import { EventSchema } from '@ag-ui/core/schemas'
import { EVENT_TYPES, type EventOf, type SessionEvent } from '@throughline/sdk/protocol'

/** What came of looking at what an agent yielded. */
export type CheckedEvent =
  | { readonly kind: 'event'; readonly event: SessionEvent }
  /** The agent's own end of the run. */
  | { readonly kind: 'terminal'; readonly event: EventOf<'RUN_FINISHED' | 'RUN_ERROR'> }
  /** RUN_STARTED, which is the host's to write. */
  | { readonly kind: 'ignored' }
  | Faulty

interface Faulty {
  readonly kind: 'faulty'
  readonly fault: string
}

/**
 * Checks one thing that an agent yielded against AG-UI and takes a copy, so that what the agent does with its object later reaches nobody.
 * Nulls in place of optional fields go, as does the agent's own timestamp; types and fields that AG-UI does not know are kept.
 */
export function checkEvent(value: unknown, ids: { readonly session: string; readonly run: string }): CheckedEvent {
  if (isPlainDelta(value)) return { kind: 'event', event: { ...value } }
  const copied = copyAsJson(value)
  if (copied.kind === 'faulty') return copied
  const { json } = copied
  delete json['timestamp']
  const type = json['type']
  if (typeof type !== 'string') return faulty('the event has no type')
  if (type === 'RUN_STARTED') return { kind: 'ignored' }
  if (!KNOWN_TYPES.has(type)) return { kind: 'event', event: withoutNulls(json, BASE_FIELDS) as unknown as SessionEvent }
  if (type === 'RUN_FINISHED') Object.assign(json, { threadId: ids.session, runId: ids.run })
  const fault = conform(json) ?? reservedName(json)
  if (fault !== undefined) return faulty(fault)
  const event = json as unknown as SessionEvent
  return event.type === 'RUN_FINISHED' || event.type === 'RUN_ERROR' ? { kind: 'terminal', event } : { kind: 'event', event }
}

const KNOWN_TYPES: ReadonlySet<string> = new Set(EVENT_TYPES)
const BASE_FIELDS = ['rawEvent', 'metadata', 'subagentRunId']

type PlainDelta = EventOf<'TEXT_MESSAGE_CONTENT' | 'REASONING_MESSAGE_CONTENT' | 'TOOL_CALL_ARGS'>

/** Whether this is a delta that is nothing but texts: most events are, and a token must not cost a parse. */
function isPlainDelta(value: unknown): value is PlainDelta {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return false
  const { type, delta, messageId, toolCallId } = value as Record<string, unknown>
  if (typeof delta !== 'string') return false
  if (type === 'TOOL_CALL_ARGS' ? typeof toolCallId !== 'string' : typeof messageId !== 'string') return false
  if (type !== 'TEXT_MESSAGE_CONTENT' && type !== 'REASONING_MESSAGE_CONTENT' && type !== 'TOOL_CALL_ARGS') return false
  return Object.keys(value).length === ('subagentRunId' in value ? 4 : 3) && isTextOrAbsent((value as Record<string, unknown>)['subagentRunId'])
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'string'
}
