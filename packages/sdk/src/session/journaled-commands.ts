import { isOwnEvent } from '../protocol/index.ts'
import type { CommandResults, QueuedMessage, SessionEvent } from '../protocol/index.ts'

/** The sends that an event shows to have taken effect: the command's id, and what came of it. */
export function journaledCommands(
  event: SessionEvent,
  queue: readonly QueuedMessage[],
): (readonly [id: string, result: CommandResults['send']])[] {
  if (event.type === 'RUN_STARTED') return (event.input?.messages ?? []).map(({ id }) => [id, { run: event.runId }])
  if (!isOwnEvent(event)) return []
  if (event.name === 'throughline/queued') {
    const { id } = event.value.message
    return [[id, { queued: queue.findIndex(({ message }) => message.id === id) + 1 || 1 }]]
  }
  return event.name === 'throughline/answered' && 'message' in event.value ? [[event.value.message.id, { answered: true }]] : []
}
