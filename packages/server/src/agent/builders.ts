import type { ContentPart, EventOf } from '@throughline/sdk/protocol'
import { nanoid } from 'nanoid'
import type { AgentEvent, AgentRun } from './contract.ts'

/** Text as agents have it: whole, or in pieces, as they come. Empty pieces are left out. */
export type Words = string | Iterable<string> | AsyncIterable<string>

/** Events to be handed on with `yield*`; what that returns is the id of the thing they tell of. */
export type Events = AsyncGenerator<AgentEvent, string, undefined>

type Metadata = Record<string, unknown>

/** Says something: a text message of the assistant, opened by its first piece; where nothing comes, nothing is opened. */
export async function* say(words: Words, options: { readonly id?: string; readonly metadata?: Metadata } = {}): Events {
  const { id: messageId = nanoid(), ...rest } = options
  let open = false
  for await (const delta of pieces(words)) {
    if (!open) yield { type: 'TEXT_MESSAGE_START', messageId, role: 'assistant', ...rest }
    open = true
    yield { type: 'TEXT_MESSAGE_CONTENT', messageId, delta }
  }
  if (open) yield { type: 'TEXT_MESSAGE_END', messageId }
  return messageId
}

/** Thinks aloud: a span of reasoning that holds one message, opened by its first piece. */
export async function* think(words: Words, options: { readonly id?: string; readonly metadata?: Metadata } = {}): Events {
  const { id: messageId = nanoid(), ...rest } = options
  let open = false
  for await (const delta of pieces(words)) {
    if (!open) {
      yield { type: 'REASONING_START', messageId }
      yield { type: 'REASONING_MESSAGE_START', messageId, role: 'reasoning', ...rest }
    }
    open = true
    yield { type: 'REASONING_MESSAGE_CONTENT', messageId, delta }
  }
  if (open) {
    yield { type: 'REASONING_MESSAGE_END', messageId }
    yield { type: 'REASONING_END', messageId }
  }
  return messageId
}

/** A tool call as an agent tells of it. */
export interface CalledTool {
  /** @default a fresh id */
  readonly id?: string
  readonly name: string
  /** The arguments: an object, or their JSON text, whole or in pieces. */
  readonly args?: Readonly<Record<string, unknown>> | Words
  /** The message that holds the call. */
  readonly parentMessageId?: string
  readonly metadata?: Metadata
}

/** Tells of a tool call, arguments and all; the result follows with {@link toolResult} under the id that this returns. */
export async function* callTool(call: CalledTool): Events {
  const { id: toolCallId = nanoid(), name: toolCallName, args = {}, ...rest } = call
  yield { type: 'TOOL_CALL_START', toolCallId, toolCallName, ...rest }
  for await (const delta of pieces(isWords(args) ? args : JSON.stringify(args))) yield { type: 'TOOL_CALL_ARGS', toolCallId, delta }
  yield { type: 'TOOL_CALL_END', toolCallId }
  return toolCallId
}

/** What a tool returned; structured values go as JSON text. */
export function toolResult(toolCallId: string, content: string | readonly ContentPart[]): EventOf<'TOOL_CALL_RESULT'> {
  return {
    type: 'TOOL_CALL_RESULT',
    messageId: nanoid(),
    toolCallId,
    content: typeof content === 'string' ? content : [...content],
    role: 'tool',
  }
}

/** Does something as a named step. */
export async function* step(stepName: string, events: AsyncIterable<AgentEvent>): AsyncGenerator<AgentEvent, void, undefined> {
  yield { type: 'STEP_STARTED', stepName }
  yield* events
  yield { type: 'STEP_FINISHED', stepName }
}

/** Sets the agent state as a whole. */
export function state(snapshot: unknown): EventOf<'STATE_SNAPSHOT'> {
  return { type: 'STATE_SNAPSHOT', snapshot }
}

/** Changes the agent state by a JSON patch (RFC 6902); one operation that cannot be applied voids all of it. */
export function stateDelta(delta: EventOf<'STATE_DELTA'>['delta']): EventOf<'STATE_DELTA'> {
  return { type: 'STATE_DELTA', delta }
}

/** Shows progress in a shape of the app's own; a later one with the same id replaces it. */
export function activity(activityType: string, content: Record<string, unknown>, id: string = nanoid()): EventOf<'ACTIVITY_SNAPSHOT'> {
  return { type: 'ACTIVITY_SNAPSHOT', messageId: id, activityType, content }
}

/** Changes an activity by a JSON patch. */
export function activityDelta(shown: EventOf<'ACTIVITY_SNAPSHOT'>, patch: EventOf<'ACTIVITY_DELTA'>['patch']): EventOf<'ACTIVITY_DELTA'> {
  return { type: 'ACTIVITY_DELTA', messageId: shown.messageId, activityType: shown.activityType, patch }
}

/** An event of the app's own. A value that is an object with an `id` has its place in the timeline. Names that begin with `throughline/` are taken. */
export function custom(name: string, value: unknown): EventOf<'CUSTOM'> {
  return { type: 'CUSTOM', name, value }
}

/** How a run ended, where an agent has more to say than that it returned. */
export type RunOutcome = Pick<EventOf<'RUN_FINISHED'>, 'outcome' | 'result' | 'usage' | 'metadata'>

/** Ends the run with an outcome, a result or its usage. Nothing may follow. */
export function finish(run: Pick<AgentRun, 'sessionId' | 'runId'>, end: RunOutcome = {}): EventOf<'RUN_FINISHED'> {
  return { type: 'RUN_FINISHED', threadId: run.sessionId, runId: run.runId, ...end }
}

async function* pieces(words: Words): AsyncGenerator<string, void, undefined> {
  for await (const piece of typeof words === 'string' ? [words] : words) if (piece !== '') yield piece
}

function isWords(args: Readonly<Record<string, unknown>> | Words): args is Words {
  return typeof args === 'string' || Symbol.iterator in args || Symbol.asyncIterator in args
}
