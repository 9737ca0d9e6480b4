import type { EventOf, Message, SessionEvent } from '@throughline/sdk/protocol'
import type { Resume } from '../../agent/contract.ts'
import { brackets, type SubagentEnd } from './brackets.ts'
import { keepNames } from './names.ts'
import { attribute, keepOwners } from './owners.ts'
import { reasoning } from './reasoning.ts'
import { renameSnapshot } from './rename-snapshot.ts'
import type { JournalIds } from './rename-terminal.ts'
import { textMessages } from './text-messages.ts'
import { toolCalls } from './tool-calls.ts'

/**
 * Makes of whatever order an agent says things in a valid AG-UI run, and loses nothing of what it says: what was not opened is opened
 * first, what is opened twice is opened once, ids that mean something else already are given anew, attributions agree.
 */
export interface EventRepair extends JournalIds {
  /** What stands in the journal for an event; chunks are expanded before. */
  repair(event: SessionEvent): SessionEvent[]
  /** Whether the journal knows the tool call, or the subagent at work, that an event is about. */
  knows(event: SessionEvent): boolean
  /** Closes all that is open, for the end of a run. */
  suspend(end: SubagentEnd): SessionEvent[]
  /** Begins the next run of the execution: with the steps and subagents of the last one. */
  resume(): SessionEvent[]
}

export interface EventRepairOptions {
  /** Everything said before the execution. */
  readonly messages: readonly Message[]
  /** Whether an earlier run of the session has a message id. */
  readonly isTaken: (messageId: string) => boolean
  readonly newId: () => string
  readonly resume?: Resume
}

export function eventRepair({ messages, isTaken, newId, resume }: EventRepairOptions): EventRepair {
  const saidIds = new Set(messages.map(({ id }) => id))
  const calledIds = new Set(callsIn(messages))
  const isSaid = (id: string) => saidIds.has(id) || isTaken(id)
  const names = {
    messages: keepNames(isSaid, newId),
    reasoning: keepNames(isSaid, newId),
    calls: keepNames((id) => calledIds.has(id), newId),
  }
  const owners = keepOwners()
  owners.assignAll(messages)
  const texts = textMessages(names.messages, owners)
  const thoughts = reasoning(names.reasoning, owners)
  const calls = toolCalls({ ...names, owners, awaited: resume?.kind === 'answers' ? withoutResult(messages) : [] })
  const enclosing = brackets(newId)

  function repair(said: SessionEvent): SessionEvent[] {
    const event = underSubagentName(said)
    switch (event.type) {
      case 'TEXT_MESSAGE_START':
        return texts.start(event)
      case 'TEXT_MESSAGE_CONTENT':
        return texts.content(event)
      case 'TEXT_MESSAGE_END':
        return texts.end(event)
      case 'REASONING_START':
        return thoughts.spanStart(event)
      case 'REASONING_MESSAGE_START':
        return thoughts.start(event)
      case 'REASONING_MESSAGE_CONTENT':
        return thoughts.content(event)
      case 'REASONING_MESSAGE_END':
        return thoughts.end(event)
      case 'REASONING_END':
        return thoughts.spanEnd(event)
      case 'REASONING_ENCRYPTED_VALUE':
        return [encryptedValue(event)]
      case 'TOOL_CALL_START':
        return calls.start(event)
      case 'TOOL_CALL_ARGS':
        return calls.args(event)
      case 'TOOL_CALL_END':
        return calls.end(event)
      case 'TOOL_CALL_RESULT':
        return calls.result(event)
      case 'STEP_STARTED':
        return enclosing.stepStart(event)
      case 'STEP_FINISHED':
        return enclosing.stepEnd(event)
      case 'SUBAGENT_STARTED':
        return enclosing.subagentStart({
          ...event,
          ...(event.parentToolCallId !== undefined && { parentToolCallId: names.calls.of(event.parentToolCallId) }),
          ...(event.parentMessageId !== undefined && { parentMessageId: names.messages.of(event.parentMessageId) }),
        })
      case 'SUBAGENT_FINISHED':
      case 'SUBAGENT_ERROR':
        return enclosing.subagentEnd(event)
      case 'ACTIVITY_SNAPSHOT':
        return [activitySnapshot(event)]
      case 'ACTIVITY_DELTA':
        return [owners.agree('activity', event.messageId, event)]
      case 'MESSAGES_SNAPSHOT': {
        const stated = renameSnapshot(event.messages, names)
        owners.assignAll(stated)
        return [{ ...event, messages: stated }]
      }
      // Neither opens nor closes anything; and what type an agent may have made up.
      default:
        return [event]
    }
  }

  function underSubagentName(event: SessionEvent): SessionEvent {
    if (isAboutSubagent(event) || !('subagentRunId' in event) || event.subagentRunId === undefined) return event
    const id = enclosing.subagentId(event.subagentRunId)
    return id === event.subagentRunId ? event : attribute(event, id)
  }

  function encryptedValue(event: EventOf<'REASONING_ENCRYPTED_VALUE'>): SessionEvent {
    if (event.subtype === 'tool-call') {
      const entityId = names.calls.of(event.entityId)
      return owners.agree('tool', entityId, { ...event, entityId })
    }
    const text = names.messages.of(event.entityId)
    if (owners.isKnown('message', text)) return owners.agree('message', text, { ...event, entityId: text })
    const thought = names.reasoning.of(event.entityId)
    return owners.agree('reasoning', thought, { ...event, entityId: thought })
  }

  function activitySnapshot(event: EventOf<'ACTIVITY_SNAPSHOT'>): SessionEvent {
    const { messageId: id, replace, subagentRunId } = event
    // One that replaces nothing leaves the activity to its owner, and says whose it is, for readers that see it for the first time.
    if (replace === false && owners.isKnown('activity', id)) return attribute(event, owners.of('activity', id))
    owners.assign('activity', id, subagentRunId)
    return event
  }

  return {
    repair,
    knows(event) {
      if (event.type === 'TOOL_CALL_RESULT') return names.calls.isUsed(names.calls.of(event.toolCallId))
      return isAboutSubagent(event) ? enclosing.isAtWork(event.subagentRunId) : true
    },
    toolCallId: (agentId) => names.calls.of(agentId),
    subagentId: (agentId) => enclosing.subagentId(agentId),
    suspend: (end) => [...texts.suspend(), ...thoughts.suspend(), ...calls.suspend(), ...enclosing.suspend(end)],
    resume() {
      for (const kind of Object.values(names)) kind.nextRun()
      return enclosing.resume()
    },
  }
}

function isAboutSubagent(event: SessionEvent): event is EventOf<'SUBAGENT_STARTED' | 'SUBAGENT_FINISHED' | 'SUBAGENT_ERROR'> {
  return event.type === 'SUBAGENT_STARTED' || event.type === 'SUBAGENT_FINISHED' || event.type === 'SUBAGENT_ERROR'
}

function callsIn(messages: readonly Message[]): string[] {
  return messages.flatMap((message) => (message.role === 'assistant' ? (message.toolCalls ?? []).map(({ id }) => id) : []))
}

/** The tool calls that have no result. */
function withoutResult(messages: readonly Message[]): string[] {
  const settled = new Set(messages.map((message) => (message.role === 'tool' ? message.toolCallId : undefined)))
  return callsIn(messages).filter((id) => !settled.has(id))
}
