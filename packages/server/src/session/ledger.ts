import {
  isOwnEvent,
  type OpenInterrupt,
  type QueuedMessage,
  type Run,
  type SessionEvent,
  type ToolMessage,
  type Transcript,
} from '@throughline/sdk/protocol'
import { applyEvents } from '@throughline/sdk/transcript'

/**
 * What a session's decisions are made by, as of the last event handed to its journal, which may be ahead of the last one stored: runs,
 * queue and interrupts by the same fold as everywhere, without messages.
 */
export interface Ledger {
  readonly control: Transcript
  /** Results of frontend tools that wait for those of the others. */
  readonly toolResults: readonly ToolMessage[]
}

/** What a session does, as far as decisions go. */
export type Activity =
  | { readonly kind: 'idle' }
  | { readonly kind: 'running'; readonly run: string }
  | { readonly kind: 'stopping'; readonly run: string }
  | { readonly kind: 'waiting'; readonly run: string; readonly open: readonly OpenInterrupt[] }

/** How many runs decisions look back on; a session may have any number. */
const KEPT_RUNS = 16

/** The ledger of a journal that is wholly stored and folded. */
export function openLedger(transcript: Transcript): Ledger {
  const pending = new Set(pendingToolCallsOf(transcript.runs.at(-1)))
  const toolResults = transcript.messages.flatMap(({ parts }) =>
    parts.flatMap((part): ToolMessage[] =>
      part.type === 'tool' && part.result !== undefined && pending.has(part.id)
        ? [
            {
              id: part.result.id,
              role: 'tool',
              toolCallId: part.id,
              content: typeof part.result.content === 'string' ? part.result.content : [...part.result.content],
              ...(part.result.error !== undefined && { error: part.result.error }),
            },
          ]
        : [],
    ),
  )
  return { control: controlOf(transcript), toolResults }
}

/** The ledger after these events. Events that decide nothing are passed over. */
export function advanceLedger(ledger: Ledger, events: readonly SessionEvent[]): Ledger {
  const deciding = events.filter(isDeciding)
  if (deciding.length === 0) return ledger
  let { toolResults } = ledger
  for (const event of deciding) {
    if (event.type === 'RUN_STARTED') toolResults = []
    else if (isOwnEvent(event) && event.name === 'throughline/answered' && 'toolCallId' in event.value)
      toolResults = [...toolResults, event.value.message]
  }
  return { control: controlOf(applyEvents(ledger.control, deciding)), toolResults }
}

/** What the session does now. */
export function activityOf({ control }: Ledger): Activity {
  const run = control.runs.at(-1)
  if (run?.state.status === 'running') return { kind: 'running', run: run.id }
  if (run?.state.status === 'stopping') return { kind: 'stopping', run: run.id }
  const open = control.interrupts.filter((interrupt) => interrupt.answer === undefined)
  const [first] = open
  return first === undefined ? { kind: 'idle' } : { kind: 'waiting', run: first.run, open }
}

/** The frontend tool calls of the last run that have no result yet. */
export function openToolCalls({ control, toolResults }: Ledger): readonly string[] {
  const answered = new Set(toolResults.map((result) => result.toolCallId))
  return pendingToolCallsOf(control.runs.at(-1)).filter((id) => !answered.has(id))
}

/** The message that waits longest. */
export function nextInQueue({ control }: Ledger): QueuedMessage | undefined {
  return control.queue[0]
}

function pendingToolCallsOf(run: Run | undefined): readonly string[] {
  return (run?.state.status === 'success' && run.state.pendingToolCallIds) || []
}

function controlOf(transcript: Transcript): Transcript {
  return { ...transcript, messages: [], runs: transcript.runs.slice(-KEPT_RUNS) }
}

function isDeciding(event: SessionEvent): boolean {
  return event.type === 'RUN_STARTED' || event.type === 'RUN_FINISHED' || event.type === 'RUN_ERROR' || isOwnEvent(event)
}
