import type { Message, RefusalCode, ResumeEntry, RunOptions, SendFrame, ToolMessage, UserMessage } from '@throughline/sdk/protocol'
import { activityOf, openToolCalls, type Activity, type Ledger } from './ledger.ts'

/** What becomes of a send. */
export type SendVerdict =
  /** A run starts at once; with `resume`, the open interrupts are answered `cancelled`. */
  | {
      readonly kind: 'start'
      readonly messages: readonly Message[]
      readonly rewindFrom?: string
      readonly resume?: readonly ResumeEntry[]
    }
  /** It waits for its turn at this place, counted from 1; with `stop`, the run under way is stopped for it. */
  | { readonly kind: 'queue'; readonly message: UserMessage; readonly place: number; readonly first: boolean; readonly stop: boolean }
  /** The run under way is stopped, and the send judged again after its terminal event. */
  | { readonly kind: 'stop first' }
  /** A frontend tool's result waits for those of the others. */
  | { readonly kind: 'keep result'; readonly message: ToolMessage }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly message: string }

/** Decides what a send does. `queueBytes`: how much may wait beyond the first message. `isHeld`: another goes before it as soon as nothing runs. */
export function decideSend(ledger: Ledger, frame: SendFrame, queueBytes: number, isHeld = false): SendVerdict {
  const { message } = frame
  const activity = activityOf(ledger)
  if (message?.role === 'tool') return decideToolResult(ledger, activity, message)
  if (frame.replaces !== undefined) return decideReplacement(activity, frame, frame.replaces, message)
  if (message === undefined) return { kind: 'refused', code: 'invalid', message: 'a send without a message must say what it replaces' }
  if (activity.kind !== 'idle') return decideBusy(ledger, activity, message, frame, queueBytes)
  if (!isHeld) return { kind: 'start', messages: [...toolResultsBefore(ledger), message] }
  if (frame.whenBusy === 'refuse')
    return { kind: 'refused', code: 'busy', message: 'an edit starts as soon as the run before it is stored' }
  return enqueue(ledger, { message, input: frame.input }, queueBytes, { first: false, stop: false })
}

function decideBusy(
  ledger: Ledger,
  activity: Exclude<Activity, { kind: 'idle' }>,
  message: UserMessage,
  { whenBusy = 'queue', input }: SendFrame,
  queueBytes: number,
): SendVerdict {
  switch (whenBusy) {
    case 'refuse':
      return activity.kind === 'waiting'
        ? { kind: 'refused', code: 'waiting', message: 'the session waits for an answer' }
        : { kind: 'refused', code: 'busy', message: 'a run is under way' }
    case 'interrupt':
      if (activity.kind === 'waiting') return { kind: 'start', messages: [message], resume: cancelAll(ledger) }
      return enqueue(ledger, { message, input }, queueBytes, { first: true, stop: activity.kind === 'running' })
    case 'queue':
      return enqueue(ledger, { message, input }, queueBytes, { first: false, stop: false })
    default:
      return whenBusy satisfies never
  }
}

function enqueue(
  { control: { queue } }: Ledger,
  sent: { readonly message: UserMessage; readonly input: RunOptions | undefined },
  queueBytes: number,
  how: { readonly first: boolean; readonly stop: boolean },
): SendVerdict {
  const waiting = how.first ? [sent, ...queue] : [...queue, sent]
  const bytes = waiting.slice(1).reduce((sum, { message, input }) => sum + Buffer.byteLength(JSON.stringify({ message, input })), 0)
  if (bytes > queueBytes) return { kind: 'refused', code: 'queue_full', message: `more than ${queueBytes} bytes would wait in the queue` }
  return { kind: 'queue', message: sent.message, place: how.first ? 1 : waiting.length, ...how }
}

/** An edit or a regenerate is never queued: what it replaces might be gone by then. */
function decideReplacement(activity: Activity, frame: SendFrame, replaces: string, message: UserMessage | undefined): SendVerdict {
  if (activity.kind === 'idle') return { kind: 'start', messages: message === undefined ? [] : [message], rewindFrom: replaces }
  if (frame.whenBusy === 'interrupt') return { kind: 'stop first' }
  return { kind: 'refused', code: 'busy', message: 'a message cannot be replaced while a run is under way or waits for an answer' }
}

function decideToolResult(ledger: Ledger, activity: Activity, message: ToolMessage): SendVerdict {
  const open = openToolCalls(ledger)
  if (activity.kind !== 'idle' || !open.includes(message.toolCallId)) {
    return { kind: 'refused', code: 'interrupt_closed', message: `no run waits for a result of tool call ${message.toolCallId}` }
  }
  if (open.length > 1) return { kind: 'keep result', message }
  return { kind: 'start', messages: [...ledger.toolResults, message] }
}

/** What a run must be given where a user goes on without the frontend tools that were asked: models refuse a call without a result. */
export function toolResultsBefore(ledger: Ledger): readonly ToolMessage[] {
  const unanswered = openToolCalls(ledger).map((toolCallId): ToolMessage => ({
    id: `${toolCallId}.unanswered`,
    role: 'tool',
    toolCallId,
    content: 'not answered',
    error: 'not answered',
  }))
  return [...ledger.toolResults, ...unanswered]
}

/** The answers to all interrupts: those given, and `cancelled` for the rest. */
export function cancelAll({ control }: Ledger): readonly ResumeEntry[] {
  return control.interrupts.map(({ id, answer }) => resumeEntry(id, answer ?? { status: 'cancelled', by: 'host' }))
}

/** One answer as AG-UI writes it. */
export function resumeEntry(
  interruptId: string,
  answer: { readonly status: 'resolved' | 'cancelled'; readonly payload?: unknown; readonly by: string },
): ResumeEntry {
  return {
    interruptId,
    status: answer.status,
    ...(answer.payload !== undefined && { payload: answer.payload }),
    metadata: { throughline: { by: answer.by } },
  }
}
