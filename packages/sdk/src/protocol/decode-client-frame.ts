import type { ClientFrame } from './frames.ts'
import { isContent } from './is-content.ts'
import { isClientId } from './limits.ts'
import type { RefusalCode } from './refusals.ts'
import { faultFinder, isAnything, isCount, isRecord, isText, isTrue, listOf, object, oneOf, type Check } from './shape.ts'

/** What came of decoding a client frame: the frame, or why it is refused, with what is known of it for the answer. */
export type DecodedClientFrame =
  | { readonly kind: 'frame'; readonly frame: ClientFrame }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly message: string; readonly id?: string; readonly session?: string }

const isId: Check = (value) => typeof value === 'string' && isClientId(value)

const isUserMessage = object({ id: isId, role: oneOf('user'), content: isContent, 'name?': isText, 'metadata?': isRecord })
const isToolMessage = object({
  id: isId,
  role: oneOf('tool'),
  toolCallId: isText,
  content: isContent,
  'error?': isText,
  'metadata?': isRecord,
})
const isMessage: Check = (value) => isUserMessage(value) || isToolMessage(value)

const isRunOptions = object({
  'tools?': listOf(object({ name: isText, description: isText })),
  'context?': listOf(object({ description: isText, value: isText })),
  'state?': isAnything,
  'forwardedProps?': isAnything,
})

const FAULTS: Readonly<Record<ClientFrame['type'], ReturnType<typeof faultFinder>>> = {
  hello: faultFinder({ 'token?': isText, client: object({ name: isText, version: isText }) }),
  attach: faultFinder({ id: isId, session: isText, 'cursor?': isText }),
  detach: faultFinder({ session: isText }),
  send: faultFinder({
    id: isId,
    session: isText,
    'message?': isMessage,
    'whenBusy?': oneOf('queue', 'refuse', 'interrupt'),
    'input?': isRunOptions,
    'replaces?': isText,
  }),
  answer: faultFinder({ id: isId, session: isText, interrupt: isText, status: oneOf('resolved', 'cancelled'), 'payload?': isAnything }),
  stop: faultFinder({ id: isId, session: isText, 'run?': isText, 'message?': isText, 'queue?': isTrue }),
  unqueue: faultFinder({ id: isId, session: isText, message: isText }),
  watch: faultFinder({}),
  token: faultFinder({ id: isId, token: isText }),
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
  const field = FAULTS[type](value) ?? relationFault(value)
  if (field !== undefined)
    return { kind: 'refused', code: 'invalid', message: `${type}.${field} is missing or not as the protocol says`, ...about }
  return { kind: 'frame', frame: value as unknown as ClientFrame }
}

/** What a frame's fields promise of each other. */
function relationFault(frame: Record<string, unknown>): string | undefined {
  const { type, id, message, replaces } = frame
  if (type === 'send' && message === undefined && replaces === undefined) return 'message'
  if (type === 'send' && isRecord(message) && message['id'] !== id) return 'message.id'
  if (type === 'stop' && frame['run'] === undefined && message === undefined) return 'run'
  return undefined
}

function isClientFrameType(type: string): type is ClientFrame['type'] {
  return Object.hasOwn(FAULTS, type)
}

function textField<Name extends 'id' | 'session'>(value: Record<string, unknown>, name: Name): { [N in Name]?: string } {
  const field = value[name]
  return typeof field === 'string' && field.length <= 128 ? ({ [name]: field } as { [N in Name]?: string }) : {}
}
