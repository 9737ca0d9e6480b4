import { EventSchema } from '@ag-ui/core/schemas'
import { EVENT_TYPES, type EventOf, type SessionEvent } from '@throughline/sdk/protocol'

/** What came of looking at what an agent yielded. */
export type CheckedEvent =
  | { readonly kind: 'event'; readonly event: SessionEvent }
  /** The agent's own end of the run; which run that is, it does not say. */
  | { readonly kind: 'terminal'; readonly event: EventOf<'RUN_FINISHED' | 'RUN_ERROR'> }
  /** RUN_STARTED, which is the host's to write. */
  | { readonly kind: 'ignored' }
  | { readonly kind: 'faulty'; readonly fault: string }

type Json = Record<string, unknown>

/**
 * Checks one thing that an agent yielded against AG-UI and takes a copy, so that what the agent does with its object later reaches nobody.
 * Nulls in place of optional fields go, as does the agent's own timestamp; types and fields that AG-UI does not know are kept.
 */
export function checkEvent(value: unknown): CheckedEvent {
  let json: Json
  try {
    if (isRecord(value) && isPlainDelta(value)) return { kind: 'event', event: { ...value } as unknown as SessionEvent }
    const copy: unknown = JSON.parse(JSON.stringify(value) ?? 'null')
    if (!isRecord(copy)) return { kind: 'faulty', fault: 'it is no object' }
    json = copy
  } catch (error) {
    return { kind: 'faulty', fault: `it is no JSON: ${error instanceof Error ? error.message : 'it cannot be read'}` }
  }
  delete json['timestamp']
  const { type } = json
  if (typeof type !== 'string') return { kind: 'faulty', fault: 'it has no type' }
  if (type === 'RUN_STARTED') return { kind: 'ignored' }
  // Whose end this is the host knows, and writes.
  if (type === 'RUN_FINISHED') Object.assign(json, { threadId: '', runId: '' })
  const fault = KNOWN_TYPES.has(type) ? faultOf(json) : unknownFaultOf(json)
  if (fault !== undefined) return { kind: 'faulty', fault: `${type}${fault}` }
  const event = json as unknown as SessionEvent
  return event.type === 'RUN_FINISHED' || event.type === 'RUN_ERROR' ? { kind: 'terminal', event } : { kind: 'event', event }
}

const KNOWN_TYPES: ReadonlySet<string> = new Set(EVENT_TYPES)

/** Whether this is a delta that is nothing but texts: most events are, and a token must not cost a parse. */
function isPlainDelta(value: Json): boolean {
  const { type, delta, messageId, toolCallId, subagentRunId } = value
  if (type !== 'TEXT_MESSAGE_CONTENT' && type !== 'REASONING_MESSAGE_CONTENT' && type !== 'TOOL_CALL_ARGS') return false
  const id = type === 'TOOL_CALL_ARGS' ? toolCallId : messageId
  if (typeof id !== 'string' || typeof delta !== 'string') return false
  const fields = Object.keys(value).length
  return subagentRunId === undefined ? fields === 3 : fields === 4 && typeof subagentRunId === 'string'
}

/** What AG-UI finds wrong with an event of a type it knows; takes out the nulls that it does not allow. */
function faultOf(event: Json): string | undefined {
  for (;;) {
    const parsed = EventSchema.safeParse(event)
    if (parsed.success) break
    const issues: readonly Issue[] = parsed.error.issues
    // A null where none is allowed is what many languages write for an absent field. A required one is missed in the next round.
    if (issues.filter((issue) => removeNull(event, issue, [])).length > 0) continue
    const [{ path, message } = { path: [], message: 'not as AG-UI says' }] = issues
    return `${path.map((key) => `.${String(key)}`).join('')}: ${message}`
  }
  if (event['type'] !== 'CUSTOM' || !String(event['name']).startsWith('throughline/')) return undefined
  return `.name: ${String(event['name'])} is the host's; an app's own names begin otherwise`
}

/** A validator's finding; for a union, those of each member. */
interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
  readonly errors?: readonly (readonly Issue[])[]
}

/** Removes the null that a finding points at; whether there was one. */
function removeNull(event: Json, { path, errors = [] }: Issue, above: readonly PropertyKey[]): boolean {
  const whole = [...above, ...path]
  const field = whole.at(-1)
  const holder = whole.slice(0, -1).reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | undefined)?.[key], event)
  if (field !== undefined && isRecord(holder) && holder[String(field)] === null) return delete holder[String(field)]
  return errors.flat().filter((issue) => removeNull(event, issue, whole)).length > 0
}

/** The same for a type that AG-UI does not know: only what every event may have is looked at. */
function unknownFaultOf(event: Json): string | undefined {
  for (const field of ['rawEvent', 'metadata', 'subagentRunId']) if (event[field] === null) delete event[field]
  const { metadata, subagentRunId } = event
  if (metadata !== undefined && !isRecord(metadata)) return '.metadata: not an object'
  return subagentRunId === undefined || typeof subagentRunId === 'string' ? undefined : '.subagentRunId: not a text'
}

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
