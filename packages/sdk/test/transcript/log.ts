import { EMPTY_TRANSCRIPT, type ActivityPart, type Part, type SessionEvent, type Transcript } from '../../src/protocol/index.ts'
import { applyEvents } from '../../src/transcript/index.ts'

/** An event of a log, with as many fields as a test cares for. */
export function event(type: SessionEvent['type'] | (string & {}), fields: Record<string, unknown> = {}): SessionEvent {
  return { type, ...fields } as unknown as SessionEvent
}

/** What a log makes of an empty transcript, or of a given one. */
export function fold(events: readonly SessionEvent[], from: Transcript = EMPTY_TRANSCRIPT): Transcript {
  return applyEvents(from, events)
}

/** The parts of all messages of a transcript. */
export function partsOf({ messages }: Transcript): readonly Part[] {
  return messages.flatMap(({ parts }) => parts)
}

/** The tool calls of a transcript that have a name. */
export function callsOf(transcript: Transcript): readonly string[] {
  return partsOf(transcript).flatMap((part) => (part.type === 'tool' && part.name !== '' ? [part.id] : []))
}

export function runStarted(runId: string, messages: readonly unknown[] = [], more: Record<string, unknown> = {}): SessionEvent {
  const { input, ...rest } = more as { input?: object }
  return event('RUN_STARTED', {
    threadId: 's',
    runId,
    input: { threadId: 's', runId, messages, tools: [], context: [], ...input },
    ...rest,
  })
}

export function runFinished(runId: string, outcome?: unknown, more: Record<string, unknown> = {}): SessionEvent {
  return event('RUN_FINISHED', { threadId: 's', runId, ...(outcome !== undefined && { outcome }), ...more })
}

export function user(id: string, content: unknown = id): Record<string, unknown> {
  return { id, role: 'user', content }
}

/** A whole text, in one event a stage. */
export function text(messageId: string, ...deltas: readonly string[]): SessionEvent[] {
  return [
    event('TEXT_MESSAGE_START', { messageId, role: 'assistant' }),
    ...deltas.map((delta) => event('TEXT_MESSAGE_CONTENT', { messageId, delta })),
    event('TEXT_MESSAGE_END', { messageId }),
  ]
}

export function reasoning(messageId: string, ...deltas: readonly string[]): SessionEvent[] {
  return [
    event('REASONING_MESSAGE_START', { messageId, role: 'reasoning' }),
    ...deltas.map((delta) => event('REASONING_MESSAGE_CONTENT', { messageId, delta })),
    event('REASONING_MESSAGE_END', { messageId }),
  ]
}

export function call(toolCallId: string, args = '{}', more: Record<string, unknown> = {}): SessionEvent[] {
  return [
    event('TOOL_CALL_START', { toolCallId, toolCallName: 'look', ...more }),
    event('TOOL_CALL_ARGS', { toolCallId, delta: args }),
    event('TOOL_CALL_END', { toolCallId }),
  ]
}

export function result(toolCallId: string, content: unknown = 'seen', more: Record<string, unknown> = {}): SessionEvent {
  return event('TOOL_CALL_RESULT', { messageId: `${toolCallId}-result`, toolCallId, content, ...more })
}

export function custom(name: string, value: unknown): SessionEvent {
  return event('CUSTOM', { name, value })
}

export function snapshot(messages: readonly unknown[], more: Record<string, unknown> = {}): SessionEvent {
  return event('MESSAGES_SNAPSHOT', { messages, ...more })
}

export function activity(messageId: string, content: ActivityPart['content'], more: Record<string, unknown> = {}): SessionEvent {
  return event('ACTIVITY_SNAPSHOT', { messageId, activityType: 'PLAN', content, ...more })
}
