import type { ClientFrame } from './frames.ts'
import { isContent } from './is-content.ts'
import { isNestedDeeper } from './is-nested-deeper.ts'
import { FRAME_DEPTH, TOKEN_CHARS, isClientId } from './limits.ts'
import type { RefusalCode } from './refusals.ts'
import { faultFinder, isAnything, isBoolean, isCount, isRecord, isText, isTrue, listOf, object, oneOf, type Check } from './shape.ts'

/** What came of decoding a client frame: the frame, or why it is refused, with what is known of it for the answer. */
export type DecodedClientFrame =
  | { readonly kind: 'frame'; readonly frame: ClientFrame }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly message: string; readonly id?: string; readonly session?: string }

const isId: Check = (value) => isText(value) && isClientId(value)

// Minted by the server, which has none that is longer; so a longer one cannot be looked up.
const isSessionId: Check = (value) => isText(value) && value.length >= 1 && value.length <= 128

const isToken: Check = (value) => isText(value) && value.length <= TOKEN_CHARS

const SAID = { id: isId, content: isContent, 'name?': isText, 'encryptedValue?': isText, 'subagentRunId?': isText, 'metadata?': isRecord }
const isUserMessage = object({ ...SAID, role: oneOf('user') })
const isToolMessage = object({ ...SAID, role: oneOf('tool'), toolCallId: isText, 'error?': isText })
const isMessage: Check = (value) => (isRecord(value) && value['role'] === 'tool' ? isToolMessage : isUserMessage)(value)

const isRunOptions = object({
  'tools?': listOf(object({ name: isText, description: isText, 'metadata?': isRecord })),
  'context?': listOf(object({ description: isText, value: isText })),
  'state?': isAnything,
  'forwardedProps?': isAnything,
})

const FAULTS: Readonly<Record<ClientFrame['type'], ReturnType<typeof faultFinder>>> = {
  hello: faultFinder({ 'token?': isToken, client: object({ name: isText, version: isText }), 'hold?': isBoolean }),
  attach: faultFinder({ id: isId, session: isSessionId, 'cursor?': isText, 'exclusive?': isId }),
  detach: faultFinder({ session: isSessionId }),
  send: faultFinder({
    id: isId,
    session: isSessionId,
    'message?': isMessage,
    'whenBusy?': oneOf('queue', 'refuse', 'interrupt'),
    'input?': isRunOptions,
    'replaces?': isText,
  }),
  answer: faultFinder({
    id: isId,
    session: isSessionId,
    interrupt: isText,
    status: oneOf('resolved', 'cancelled'),
    'payload?': isAnything,
  }),
  stop: faultFinder({ id: isId, session: isSessionId, 'run?': isText, 'message?': isText, 'queue?': isTrue }),
  unqueue: faultFinder({ id: isId, session: isSessionId, message: isText }),
  watch: faultFinder({}),
  token: faultFinder({ id: isId, token: isToken }),
  ping: faultFinder({ n: isCount }),
  pong: faultFinder({ n: isCount }),
}

/** Reads a client frame from its text and checks every field that the protocol promises. Fields beyond those are kept. */
export function decodeClientFrame(text: string): DecodedClientFrame {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return { kind: 'refused', code: 'invalid', message: 'the frame is not JSON' }
  }
  return checkClientFrame(value)
}

/** Checks a client frame that is already parsed, such as the body of an HTTP command. */
export function checkClientFrame(value: unknown): DecodedClientFrame {
  if (!isRecord(value)) return { kind: 'refused', code: 'invalid', message: 'the frame is not a JSON object' }
  const about = { ...textField(value, 'id'), ...textField(value, 'session') }
  const { type } = value
  if (typeof type !== 'string') return { kind: 'refused', code: 'invalid', message: 'the frame has no type', ...about }
  if (!isClientFrameType(type))
    return { kind: 'refused', code: 'unknown_type', message: `frames of type ${type.slice(0, 40)} are not known here`, ...about }
  if (isNestedDeeper(value, FRAME_DEPTH))
    return { kind: 'refused', code: 'invalid', message: `${type} is nested more than ${FRAME_DEPTH} levels deep`, ...about }
  const field = FAULTS[type](value) ?? relationFault(value)
  if (field !== undefined)
    return { kind: 'refused', code: 'invalid', message: `${type}.${field} is missing or not as the protocol says`, ...about }
  return { kind: 'frame', frame: value as unknown as ClientFrame }
}

/** What a frame's fields promise of each other. */
function relationFault(frame: Record<string, unknown>): string | undefined {
  const { type, id, message, replaces, run } = frame
  if (type === 'stop') return run === undefined && message === undefined ? 'run' : undefined
  if (type !== 'send') return undefined
  if (!isRecord(message)) return replaces === undefined ? 'message' : undefined
  if (message['id'] !== id) return 'message.id'
  // A tool's result has its place by its call; it cannot take that of a message.
  return message['role'] === 'tool' && replaces !== undefined ? 'replaces' : undefined
}

function isClientFrameType(type: string): type is ClientFrame['type'] {
  return Object.hasOwn(FAULTS, type)
}

function textField<Name extends 'id' | 'session'>(value: Record<string, unknown>, name: Name): { [N in Name]?: string } {
  const field = value[name]
  return typeof field === 'string' && field.length <= 128 ? ({ [name]: field } as { [N in Name]?: string }) : {}
}
