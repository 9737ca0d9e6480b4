import { isCursor } from './cursor.ts'
import type { BatchFrame, ServerFrame } from './frames.ts'
import { LIMITS } from './limits.ts'
import { faultFinder, isBoolean, isCount, isNumber, isRecord, isText, listOf, object, recordOf, type Check } from './shape.ts'

/** What came of decoding a server frame. Unknown types are ignored by clients; a malformed one is a fault of its session, where it names one. */
export type DecodedServerFrame =
  | { readonly kind: 'frame'; readonly frame: ServerFrame }
  | { readonly kind: 'unknown'; readonly type: string }
  | { readonly kind: 'malformed'; readonly fault: string; readonly session?: string }

// A client checks frames, not every event.
const isEvents: Check = (value) =>
  Array.isArray(value) && value.length > 0 && value.every((event) => isRecord(event) && isText(event['type']))

const isTranscript = object({
  messages: listOf(object({ id: isText, role: isText, parts: listOf(object({ type: isText })) })),
  runs: listOf(object({ id: isText, state: object({ status: isText }), messages: isCount })),
  queue: listOf(object({ message: object({ id: isText }), by: isText })),
  interrupts: listOf(object({ id: isText, run: isText })),
  custom: isRecord,
})

const isEntry = object({
  id: isText,
  'key?': isText,
  'title?': isText,
  'agent?': isText,
  status: isText,
  'last?': object({ run: isText, outcome: isText, 'code?': isText }),
  open: isBoolean,
  position: isNumber,
  createdAt: isNumber,
  updatedAt: isNumber,
})

const isMark: Check = (value) => isText(value) && isCursor(`${value}.0`)
const isLimits: Check = (value) => isRecord(value) && Object.keys(LIMITS).every((name) => isCount(value[name]))

const FAULTS: Readonly<Record<ServerFrame['type'], ReturnType<typeof faultFinder>>> = {
  welcome: faultFinder({
    node: isText,
    principal: isText,
    'expiresAt?': isNumber,
    pingMs: isCount,
    limits: isLimits,
    durability: isText,
  }),
  attached: faultFinder({
    id: isText,
    session: isText,
    head: isCount,
    resumed: isBoolean,
    'reason?': isText,
    'snapshot?': object({ cursor: isCursor, more: isBoolean, transcript: isTranscript }),
  }),
  batch: faultFinder({ session: isText, from: isCount, to: isCount, mark: isMark, at: isNumber, events: isEvents }),
  accepted: faultFinder({ id: isText, result: isRecord }),
  refused: faultFinder({ 'id?': isText, 'session?': isText, code: isText, message: isText, 'retryMs?': isCount }),
  detached: faultFinder({ 'id?': isText, session: isText, reason: isText }),
  directory: faultFinder({ sessions: listOf(isEntry), 'gone?': listOf(isText), 'more?': isBoolean }),
  ping: faultFinder({ n: isCount, sent: recordOf(isCount) }),
  pong: faultFinder({ n: isCount }),
  bye: faultFinder({ reason: isText, retryMs: isCount }),
  closed: faultFinder({ code: isCount, reason: isText }),
}

/**
 * Reads a server frame from its text and checks every field that the protocol promises, but neither what is inside the events of a batch
 * nor what is inside the parts of a snapshot: the fold takes any.
 */
export function decodeServerFrame(text: string): DecodedServerFrame {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { kind: 'malformed', fault: 'the frame is not JSON' }
  }
  if (!isRecord(value) || typeof value['type'] !== 'string') return { kind: 'malformed', fault: 'the frame has no type' }
  const { type, session } = value
  if (!isServerFrameType(type)) return { kind: 'unknown', type }
  const field = FAULTS[type](value) ?? relationFault(value)
  if (field === undefined) return { kind: 'frame', frame: value as unknown as ServerFrame }
  return {
    kind: 'malformed',
    fault: `${type}.${field} is missing or not as the protocol says`,
    ...(typeof session === 'string' && { session }),
  }
}

/** What a frame's fields promise of each other. */
function relationFault(frame: Record<string, unknown>): string | undefined {
  const { type, resumed, reason, snapshot } = frame
  if (type === 'attached' && resumed === (snapshot !== undefined)) return 'snapshot'
  if (type === 'attached' && resumed === (reason !== undefined)) return 'reason'
  if (type !== 'batch') return undefined
  const { from, to, events } = frame as unknown as BatchFrame
  if (from < 1 || from > to) return 'from'
  return events.length > to - from + 1 ? 'events' : undefined
}

function isServerFrameType(type: string): type is ServerFrame['type'] {
  return Object.hasOwn(FAULTS, type)
}
