import type { EventOf, SessionEvent } from '@throughline/sdk/protocol'
import { attribution } from './owners.ts'

/** What an event stands for, or why nobody can tell. */
export type Expanded =
  | { readonly kind: 'events'; readonly events: readonly SessionEvent[] }
  | { readonly kind: 'faulty'; readonly fault: string }

/** What chunks are being put together to. */
interface Assembly {
  readonly kind: 'text' | 'reasoning' | 'tool'
  readonly id: string
}

/** A subagent, or the agent itself: a chunk without an id goes on with what its lane assembles. */
type Lane = string | undefined

/**
 * Expands `*_CHUNK` events into the starts and contents that they stand for, lane by lane. Other events pass, and end what their lane
 * assembles, unless they are about that. The ends of what is assembled last are left to whoever ends the run.
 */
export function chunkExpander(newId: () => string): (event: SessionEvent) => Expanded {
  const lanes = new Map<Lane, Assembly>()

  function expand(event: SessionEvent): Expanded {
    switch (event.type) {
      case 'TEXT_MESSAGE_CHUNK':
        return events(text(event))
      case 'REASONING_MESSAGE_CHUNK':
        return events(thought(event))
      case 'TOOL_CALL_CHUNK':
        return call(event)
      default:
        return events(lanes.size === 0 ? [event] : [...endedBy(event), event])
    }
  }

  function text(event: EventOf<'TEXT_MESSAGE_CHUNK'>): SessionEvent[] {
    const { type: _, messageId, role, name, delta = '', metadata, ...rest } = event
    const { known, id, begin } = assemble('text', messageId, rest.subagentRunId)
    const content: SessionEvent = { ...rest, type: 'TEXT_MESSAGE_CONTENT', messageId: id, delta }
    if (known) return [{ ...content, ...present({ metadata }) }]
    const start: SessionEvent = {
      type: 'TEXT_MESSAGE_START',
      messageId: id,
      role: role ?? 'assistant',
      ...attribution(rest.subagentRunId),
      ...present({ name, metadata }),
    }
    return [...begin(), start, content]
  }

  function thought(event: EventOf<'REASONING_MESSAGE_CHUNK'>): SessionEvent[] {
    const { type: _, messageId, delta = '', metadata, ...rest } = event
    const { known, id, begin } = assemble('reasoning', messageId, rest.subagentRunId)
    const content: SessionEvent = { ...rest, type: 'REASONING_MESSAGE_CONTENT', messageId: id, delta }
    if (known) return [{ ...content, ...present({ metadata }) }]
    const start: SessionEvent = {
      type: 'REASONING_MESSAGE_START',
      messageId: id,
      role: 'reasoning',
      ...attribution(rest.subagentRunId),
      ...present({ metadata }),
    }
    return [...begin(), start, content]
  }

  function call(event: EventOf<'TOOL_CALL_CHUNK'>): Expanded {
    const { type: _, toolCallId, toolCallName, parentMessageId, delta = '', metadata, ...rest } = event
    const { known, id, begin } = assemble('tool', toolCallId, rest.subagentRunId)
    const args: SessionEvent = { ...rest, type: 'TOOL_CALL_ARGS', toolCallId: id, delta }
    if (known) return events([{ ...args, ...present({ metadata }) }])
    // A result finds its call by the id alone, so the agent must be the one to give it.
    if (toolCallId === undefined)
      return { kind: 'faulty', fault: 'TOOL_CALL_CHUNK.toolCallId is missing, and there is no call to go on with' }
    if (toolCallName === undefined) return events([...begin(), { ...args, ...present({ metadata }) }])
    const start: SessionEvent = {
      type: 'TOOL_CALL_START',
      toolCallId,
      toolCallName,
      ...attribution(rest.subagentRunId),
      ...present({ parentMessageId, metadata }),
    }
    return events([...begin(), start, args])
  }

  /** What a chunk goes on with, or begins; `begin` then gives the end of what the lane assembled before. */
  function assemble(kind: Assembly['kind'], givenId: string | undefined, subagentRunId: string | undefined) {
    const lane = laneOf(kind, givenId, subagentRunId)
    const current = lanes.get(lane)
    const known = current?.kind === kind && (givenId === undefined || givenId === current.id)
    const id = givenId ?? (known ? current.id : newId())
    const begin = (): SessionEvent[] => {
      const ended = finish(lane)
      lanes.set(lane, { kind, id })
      return ended
    }
    return { known, id, begin }
  }

  /** The id says most, then the attribution, then the agent's own lane, then the only one that assembles such a thing. */
  function laneOf(kind: Assembly['kind'], id: string | undefined, subagentRunId: string | undefined): Lane {
    const ofKind = [...lanes].filter(([, assembly]) => assembly.kind === kind)
    if (id !== undefined) return (ofKind.find(([, assembly]) => assembly.id === id) ?? [subagentRunId])[0]
    const [only, ...others] = ofKind
    return subagentRunId === undefined && only !== undefined && others.length === 0 ? only[0] : subagentRunId
  }

  function endedBy(event: SessionEvent): SessionEvent[] {
    switch (event.type) {
      case 'TEXT_MESSAGE_START':
      case 'TEXT_MESSAGE_CONTENT':
      case 'TEXT_MESSAGE_END':
        return unlessAbout({ kind: 'text', id: event.messageId }, event.subagentRunId)
      case 'REASONING_MESSAGE_START':
      case 'REASONING_MESSAGE_CONTENT':
      case 'REASONING_MESSAGE_END':
        return unlessAbout({ kind: 'reasoning', id: event.messageId }, event.subagentRunId)
      case 'TOOL_CALL_START':
      case 'TOOL_CALL_ARGS':
      case 'TOOL_CALL_END':
        return unlessAbout({ kind: 'tool', id: event.toolCallId }, event.subagentRunId)
      case 'TOOL_CALL_RESULT':
      case 'REASONING_START':
      case 'REASONING_END':
      case 'STATE_SNAPSHOT':
      case 'STATE_DELTA':
      case 'CUSTOM':
      case 'STEP_STARTED':
      case 'STEP_FINISHED':
      case 'SUBAGENT_FINISHED':
      case 'SUBAGENT_ERROR':
        return finish(event.subagentRunId)
      case 'MESSAGES_SNAPSHOT':
        return [...lanes.keys()].flatMap(finish)
      // What else there is, unknown types among it, says nothing about where a message ends.
      default:
        return []
    }
  }

  /** An event about the very thing that its lane assembles takes it over; any other ends it. */
  function unlessAbout(subject: Assembly, lane: Lane): SessionEvent[] {
    const current = lanes.get(lane)
    if (current?.kind !== subject.kind || current.id !== subject.id) return finish(lane)
    lanes.delete(lane)
    return []
  }

  function finish(lane: Lane): SessionEvent[] {
    const assembly = lanes.get(lane)
    lanes.delete(lane)
    return assembly === undefined ? [] : [endOf(assembly, lane)]
  }

  return expand
}

function endOf({ kind, id }: Assembly, lane: Lane): SessionEvent {
  switch (kind) {
    case 'text':
      return { type: 'TEXT_MESSAGE_END', messageId: id, ...attribution(lane) }
    case 'reasoning':
      return { type: 'REASONING_MESSAGE_END', messageId: id, ...attribution(lane) }
    case 'tool':
      return { type: 'TOOL_CALL_END', toolCallId: id, ...attribution(lane) }
    default:
      return kind satisfies never
  }
}

function events(list: readonly SessionEvent[]): Expanded {
  return { kind: 'events', events: list }
}

/** The fields that have a value. */
function present<Fields extends object>(fields: Fields): { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never
}
