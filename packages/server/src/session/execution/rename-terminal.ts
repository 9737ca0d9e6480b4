import type { EventOf } from '@throughline/sdk/protocol'

/** What the journal calls what an agent calls otherwise. */
export interface JournalIds {
  toolCallId(agentId: string): string
  subagentId(agentId: string): string
}

/** An agent's own RUN_FINISHED with the ids that the journal knows. */
export function renameTerminal(event: EventOf<'RUN_FINISHED'>, ids: JournalIds): EventOf<'RUN_FINISHED'> {
  const { outcome } = event
  if (outcome?.type === 'success' && outcome.pendingToolCallIds !== undefined) {
    return { ...event, outcome: { ...outcome, pendingToolCallIds: outcome.pendingToolCallIds.map((id) => ids.toolCallId(id)) } }
  }
  if (outcome?.type !== 'interrupt') return event
  const interrupts = outcome.interrupts.map(({ toolCallId, subagentRunId, ...interrupt }) => ({
    ...interrupt,
    ...(toolCallId !== undefined && { toolCallId: ids.toolCallId(toolCallId) }),
    ...(subagentRunId !== undefined && { subagentRunId: ids.subagentId(subagentRunId) }),
  }))
  return { ...event, outcome: { ...outcome, interrupts } }
}
