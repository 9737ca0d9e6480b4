import type { Message } from '@throughline/sdk/protocol'

/** What may belong to a subagent. An id is unique within its kind only. */
export type Owned = 'message' | 'reasoning' | 'tool' | 'activity'

/**
 * Which subagent each thing belongs to; the agent itself where that is undefined. What goes on must not name another subagent than what
 * began it, or AG-UI readers give the run up.
 */
export interface Owners {
  of(kind: Owned, id: string): string | undefined
  isKnown(kind: Owned, id: string): boolean
  /** Whether an event with this attribution would take the thing away from its owner. An event without one never does. */
  contradicts(kind: Owned, id: string, subagentRunId: string | undefined): boolean
  /** The first to begin a thing owns it. */
  claim(kind: Owned, id: string, subagentRunId: string | undefined): void
  /** Gives a thing to an owner, whoever had it. */
  assign(kind: Owned, id: string, subagentRunId: string | undefined): void
  /** Gives messages and their tool calls to the owners that the messages name. */
  assignAll(messages: readonly Message[]): void
  /** The event, attributed to the owner of what it goes on with. */
  agree<E extends Attributed>(kind: Owned, id: string, event: E): E
}

/** What may carry an attribution. */
export interface Attributed {
  readonly subagentRunId?: string
}

/** Keeps owners for an execution's life. */
export function keepOwners(): Owners {
  const kinds: Record<Owned, Map<string, string | undefined>> = {
    message: new Map(),
    reasoning: new Map(),
    tool: new Map(),
    activity: new Map(),
  }

  const contradicts: Owners['contradicts'] = (kind, id, subagentRunId) =>
    subagentRunId !== undefined && kinds[kind].has(id) && kinds[kind].get(id) !== subagentRunId

  return {
    of: (kind, id) => kinds[kind].get(id),
    isKnown: (kind, id) => kinds[kind].has(id),
    contradicts,
    claim(kind, id, subagentRunId) {
      if (!kinds[kind].has(id)) kinds[kind].set(id, subagentRunId)
    },
    assign: (kind, id, subagentRunId) => void kinds[kind].set(id, subagentRunId),
    assignAll(messages) {
      for (const message of messages) {
        kinds[kindOf(message)].set(message.id, message.subagentRunId)
        const calls = message.role === 'assistant' ? message.toolCalls : undefined
        for (const call of calls ?? []) kinds.tool.set(call.id, message.subagentRunId)
      }
    },
    agree(kind, id, event) {
      return contradicts(kind, id, event.subagentRunId) ? attribute(event, kinds[kind].get(id)) : event
    },
  }
}

/** The event with this attribution, or without any. */
export function attribute<E extends Attributed>(event: E, subagentRunId: string | undefined): E {
  const { subagentRunId: _, ...rest } = event
  return { ...rest, ...attribution(subagentRunId) } as E
}

/** The field that attributes an event, where there is a subagent. */
export function attribution(subagentRunId: string | undefined): Attributed {
  return subagentRunId === undefined ? {} : { subagentRunId }
}

function kindOf(message: Message): Owned {
  return message.role === 'reasoning' || message.role === 'activity' ? message.role : 'message'
}
