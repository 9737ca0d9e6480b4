import type { EventOf, Interrupt } from '@throughline/sdk/protocol'
import type { SubagentEnd } from './brackets.ts'
import { encodedBytes } from './fit-event.ts'
import { cutText } from './split-text.ts'

type Terminal = EventOf<'RUN_FINISHED' | 'RUN_ERROR'>

/** How a run comes to its end. */
export type RunEnding =
  /** The agent returned without a word about it. */
  | { readonly kind: 'returned' }
  /** The agent said how it ends. */
  | { readonly kind: 'own'; readonly event: Terminal }
  /** The agent asked, and waits. */
  | { readonly kind: 'asked'; readonly interrupts: Interrupt[] }
  /** Somebody stopped it; what the agent said of its end meanwhile is kept for its usage. */
  | { readonly kind: 'cancelled'; readonly event?: Terminal }
  | { readonly kind: 'failed'; readonly code: 'agent_error' | 'timeout' | 'limit'; readonly message: string }

/** How many bytes of an error's message are kept. */
const MESSAGE_BYTES = 8 * 1024

/** The one event that ends a run. */
export function terminalEvent(ending: RunEnding, run: { readonly session: string; readonly run: string }, maxBytes: number): Terminal {
  const terminal = eventOf(ending, run)
  const bytes = encodedBytes(terminal)
  if (bytes <= maxBytes) return terminal
  const message = `the end of the run has ${bytes} bytes, more than the ${maxBytes} that an event may have`
  return { type: 'RUN_ERROR', code: 'limit', message }
}

function eventOf(ending: RunEnding, { session, run }: { readonly session: string; readonly run: string }): Terminal {
  const finished = { type: 'RUN_FINISHED', threadId: session, runId: run } as const
  switch (ending.kind) {
    case 'returned':
      return { ...finished, outcome: { type: 'success' } }
    case 'asked':
      return { ...finished, outcome: { type: 'interrupt', interrupts: ending.interrupts } }
    case 'cancelled':
      return { ...finished, outcome: { type: 'cancelled' }, ...(ending.event?.usage !== undefined && { usage: ending.event.usage }) }
    case 'failed':
      return { type: 'RUN_ERROR', code: ending.code, message: cutText(ending.message, MESSAGE_BYTES) }
    case 'own': {
      const { event } = ending
      return event.type === 'RUN_FINISHED'
        ? { ...event, ...finished, outcome: event.outcome ?? { type: 'success' } }
        : { ...event, code: event.code ?? 'agent_error', message: cutText(event.message, MESSAGE_BYTES) }
    }
    default:
      return ending satisfies never
  }
}

/** How subagents end that their run's end finds at work. */
export function subagentEnd(terminal: Terminal): SubagentEnd {
  if (terminal.type === 'RUN_ERROR') return { kind: 'error', message: 'the run failed' }
  switch (terminal.outcome?.type) {
    case 'interrupt':
      return { kind: 'suspended' }
    case 'cancelled':
      return { kind: 'error', message: 'the run was stopped' }
    default:
      return { kind: 'error', message: 'the run ended before the subagent did' }
  }
}

/** The message of whatever an agent threw. */
export function messageOf(thrown: unknown): string {
  try {
    const message = thrown instanceof Error ? thrown.message || thrown.name : String(thrown)
    return message === '' ? 'the agent failed without a message' : message
  } catch {
    return 'the agent threw something that cannot be read'
  }
}
