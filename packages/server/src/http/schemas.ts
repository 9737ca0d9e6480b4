import {
  REFUSALS,
  type AcceptedFrame,
  type CommandResult,
  type RefusedFrame,
  type SessionEntry,
  type Snapshot,
  type TranscriptMessage,
} from '@throughline/sdk/protocol'
import { Type } from 'typebox'
import type { SessionPage } from '../session/catalogue.ts'
import { OPENING_FRAMES } from './opening.ts'

// What a frame must be is checked by the protocol's own decoder, also for HTTP; these schemas check what is HTTP's own, and tell the rest to readers of the OpenAPI document.

const SHORT_TEXT = Type.String({ minLength: 1, maxLength: 256 })
const ANYTHING = Type.Unknown()
const OBJECT = Type.Unsafe<Readonly<Record<string, unknown>>>({ type: 'object', additionalProperties: true })

const CLIENT_ID = Type.String({
  pattern: '^[A-Za-z0-9._:-]{1,128}$',
  description: 'Minted by the client: the same id again is the same command, and has its effect once. Without one the server mints it.',
})

export const STATUS = Type.Union([Type.Literal('idle'), Type.Literal('running'), Type.Literal('waiting'), Type.Literal('stopping')])

export const SESSION_PARAMS = Type.Object({ id: Type.String({ minLength: 1, maxLength: 128 }) })

export const SESSION_ENTRY = Type.Unsafe<SessionEntry>(
  Type.Object({
    id: Type.String(),
    key: Type.Optional(Type.String()),
    title: Type.Optional(Type.String()),
    agent: Type.Optional(Type.String()),
    status: STATUS,
    last: Type.Optional(Type.Object({ run: Type.String(), outcome: Type.String(), code: Type.Optional(Type.String()) })),
    open: Type.Boolean(),
    position: Type.Number({ description: 'Its place in the layout; lower first.' }),
    settings: Type.Optional(ANYTHING),
    createdAt: Type.Number({ description: 'Milliseconds since the epoch, as updatedAt.' }),
    updatedAt: Type.Number(),
  }),
)

export const SESSION_LIST = Type.Unsafe<SessionPage>(
  Type.Object({
    sessions: Type.Array(SESSION_ENTRY),
    next: Type.Optional(Type.String({ description: 'The `before` of the next page; absent where there is none.' })),
  }),
)

export const LIST_QUERY = Type.Object({
  open: Type.Optional(Type.Boolean()),
  status: Type.Optional(STATUS),
  before: Type.Optional(
    Type.String({
      pattern: '^\\d{1,15}(\\..{1,128})?$',
      description: 'The `next` of the page before, or an updatedAt: only sessions that are older.',
    }),
  ),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
})

export const NEW_SESSION = Type.Object({
  key: Type.Optional(
    Type.String({ minLength: 1, maxLength: 256, description: 'The app’s own name for it: the same key again gives the same session.' }),
  ),
  title: Type.Optional(Type.String()),
  agent: Type.Optional(SHORT_TEXT),
})

export const SESSION_CHANGE = Type.Object(
  {
    title: Type.Optional(Type.String()),
    open: Type.Optional(Type.Boolean({ description: 'false closes it: stops its run and takes it out of the layout.' })),
    position: Type.Optional(Type.Number()),
    settings: Type.Optional(ANYTHING),
  },
  { minProperties: 1 },
)

const CURSOR = Type.String({ description: 'An opaque place in the journal.' })

export const SNAPSHOT = Type.Unsafe<{ readonly session: SessionEntry; readonly snapshot: Snapshot }>(
  Type.Object({ session: SESSION_ENTRY, snapshot: Type.Object({ cursor: CURSOR, more: Type.Boolean(), transcript: OBJECT }) }),
)

export const PAGE_QUERY = Type.Object({
  before: Type.Optional(Type.String({ minLength: 1, description: 'A message id: the page ends before it.' })),
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 200 })),
})

export const PAGE = Type.Unsafe<{ readonly messages: readonly TranscriptMessage[]; readonly more: boolean }>(
  Type.Object({ messages: Type.Array(OBJECT), more: Type.Boolean() }),
)

export const SEND = Type.Object({
  id: Type.Optional(CLIENT_ID),
  message: Type.Optional(
    Type.Unsafe<Readonly<Record<string, unknown>>>({
      type: 'object',
      description: 'An AG-UI message of role user, or tool for the result of a frontend tool. Its id is the command’s.',
      properties: { id: CLIENT_ID, role: { enum: ['user', 'tool'] }, content: {}, toolCallId: { type: 'string' } },
      additionalProperties: true,
    }),
  ),
  whenBusy: Type.Optional(Type.Union([Type.Literal('queue'), Type.Literal('refuse'), Type.Literal('interrupt')], { default: 'queue' })),
  input: Type.Optional(OBJECT),
  replaces: Type.Optional(Type.String({ description: 'The first message that goes: an edit with a message, else a regenerate.' })),
})

export const STOP = Type.Object({
  id: Type.Optional(CLIENT_ID),
  run: Type.Optional(Type.String({ description: 'Any run of the execution to stop.' })),
  message: Type.Optional(Type.String({ description: 'Or the message that began it, or that waits for its turn.' })),
  queue: Type.Optional(Type.Literal(true, { description: 'Takes back everything that waits, too.' })),
})

export const ANSWER = Type.Object({
  id: Type.Optional(CLIENT_ID),
  interrupt: Type.String(),
  status: Type.Union([Type.Literal('resolved'), Type.Literal('cancelled')]),
  payload: Type.Optional(ANYTHING),
})

export const COMMAND_ANSWER = Type.Unsafe<{ readonly id: string; readonly result: CommandResult }>(
  Type.Object({ id: Type.String(), result: OBJECT }),
)

export const EVENTS_QUERY = Type.Object({
  cursor: Type.Optional(Type.String({ description: 'Where to go on; the Last-Event-ID header comes first.' })),
})

export const EVENT_STREAM = Type.String({
  description: 'Server-sent events: `data` is a server frame as on the WebSocket, `event` its type, `id` the cursor.',
})

const FRAME = Type.Unsafe<unknown>({ type: 'object', properties: { type: { type: 'string' } }, additionalProperties: true })

export const OPENING = Type.Array(FRAME, {
  minItems: 1,
  maxItems: OPENING_FRAMES,
  description: 'A hello frame, then attach, watch and ping frames; see PROTOCOL.md.',
})

export const FRAME_STREAM = Type.String({ description: 'Server-sent events: each `data` is a server frame as on the WebSocket.' })

export const FRAMES = Type.Array(FRAME, { minItems: 1, maxItems: OPENING_FRAMES, description: 'send, answer, stop and unqueue frames.' })

export const ANSWERS = Type.Unsafe<readonly (AcceptedFrame | RefusedFrame)[]>(
  Type.Array(OBJECT, { description: 'For each frame its accepted or refused frame, in their order.' }),
)

export const NOTHING = Type.Null()

export const HEALTH = Type.Object({ status: Type.String() })

export const ERROR = Type.Object({
  code: Type.String({ description: `${Object.keys(REFUSALS).join(', ')}; of HTTP also unauthorized, not_found, internal` }),
  message: Type.String(),
})
