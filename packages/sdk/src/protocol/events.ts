import type { ContentPart, Context, Event, Interrupt, Message, ResumeEntry, TokenUsage, Tool, ToolMessage, UserMessage } from '@ag-ui/core'

export type { ContentPart, Context, Interrupt, Message, ResumeEntry, TokenUsage, Tool, ToolMessage, UserMessage }

/**
 * AG-UI declares `type` as a TypeScript enum, and open JSON as `any`. On the wire both are plain JSON, and importing the enum
 * would pull a runtime in, so here `type` is its string and `any` is `unknown`.
 */
type Plain<E extends Event> = E extends Event
  ? { [K in keyof E]: K extends 'type' ? `${E['type']}` : 0 extends 1 & E[K] ? unknown : E[K] }
  : never

/** The AG-UI 1.0 events, as plain JSON: a union over `type`. */
export type AgUiEvent = Plain<Event>

/** The AG-UI event of one type. */
export type EventOf<T extends AgUiEvent['type']> = Extract<AgUiEvent, { type: T }>

/** An AG-UI CUSTOM event with a known name and value. */
export interface NamedCustomEvent<Name extends string, Value> {
  type: 'CUSTOM'
  name: Name
  value: Value
  /** Milliseconds since the epoch, by the server's clock. */
  timestamp?: number
  metadata?: Record<string, unknown>
  subagentRunId?: string
}

/** What a sender may give a run beside the message; every field as in AG-UI's RunAgentInput. */
export interface RunOptions {
  readonly tools?: readonly Tool[]
  readonly context?: readonly Context[]
  readonly state?: unknown
  readonly forwardedProps?: unknown
}

/** The message of a send: a user's, or the result of a frontend tool. */
export type SentMessage = UserMessage | ToolMessage

/** An answer to an open interrupt, or the result of a frontend tool, that waits for the others before the next run starts. */
export type Answered =
  | { interrupt: string; status: 'resolved' | 'cancelled'; payload?: unknown; by: string }
  | { toolCallId: string; message: ToolMessage; by: string }

/** Throughline's own events, by name. They may stand anywhere in a journal, also between runs. */
export interface OwnEvents {
  /** A message waits for its turn. `first`: it goes before everything that waits already. */
  'throughline/queued': { message: UserMessage; input?: RunOptions; by: string; first?: true }
  /** A waiting message was taken back. */
  'throughline/unqueued': { message: string }
  /** Somebody asked the run to stop; its terminal event follows. */
  'throughline/stopping': { run: string; by: string }
  /** One of several open interrupts or frontend tools has its answer. */
  'throughline/answered': Answered
  /** The conversation goes on from before this message: it and all after it are gone. Directly followed by RUN_STARTED. */
  'throughline/rewound': { from: string }
}

/** One of Throughline's own events. */
export type OwnEvent = { [Name in keyof OwnEvents]: NamedCustomEvent<Name, OwnEvents[Name]> }[keyof OwnEvents]

/**
 * What a journal holds. The union is open on the wire: a type that is not in it is kept, passed on, and moves the cursor, so a
 * reader's `switch` needs a default.
 */
export type SessionEvent = AgUiEvent

/** Every AG-UI 1.0 event type, complete by type. */
export const EVENT_TYPES = /* @__PURE__ */ Object.keys({
  TEXT_MESSAGE_START: 1,
  TEXT_MESSAGE_CONTENT: 1,
  TEXT_MESSAGE_END: 1,
  TEXT_MESSAGE_CHUNK: 1,
  TOOL_CALL_START: 1,
  TOOL_CALL_ARGS: 1,
  TOOL_CALL_END: 1,
  TOOL_CALL_CHUNK: 1,
  TOOL_CALL_RESULT: 1,
  STATE_SNAPSHOT: 1,
  STATE_DELTA: 1,
  MESSAGES_SNAPSHOT: 1,
  ACTIVITY_SNAPSHOT: 1,
  ACTIVITY_DELTA: 1,
  RAW: 1,
  CUSTOM: 1,
  RUN_STARTED: 1,
  RUN_FINISHED: 1,
  RUN_ERROR: 1,
  STEP_STARTED: 1,
  STEP_FINISHED: 1,
  REASONING_START: 1,
  REASONING_MESSAGE_START: 1,
  REASONING_MESSAGE_CONTENT: 1,
  REASONING_MESSAGE_END: 1,
  REASONING_MESSAGE_CHUNK: 1,
  REASONING_END: 1,
  REASONING_ENCRYPTED_VALUE: 1,
  SUBAGENT_STARTED: 1,
  SUBAGENT_FINISHED: 1,
  SUBAGENT_ERROR: 1,
} satisfies Record<AgUiEvent['type'], 1>) as readonly AgUiEvent['type'][]

/** Whether an event is one of Throughline's own (`throughline/…`). Nobody has looked into it before, so it may lack its name. */
export function isOwnEvent(event: SessionEvent | OwnEvent): event is OwnEvent {
  return event.type === 'CUSTOM' && typeof event.name === 'string' && event.name.startsWith('throughline/')
}
