import type { SessionMessage, SessionState } from '@throughline/sdk'
import type { OpenInterrupt, Part, Run } from '@throughline/sdk/protocol'

/** One row of a timeline. Rows are flat, so that two of them are compared field by field. */
export type Row =
  | {
      readonly kind: 'message'
      readonly key: string
      readonly message: SessionMessage
      readonly run: Run | undefined
      /** Whether the person may change it and have it answered again. */
      readonly editable: boolean
    }
  | { readonly kind: 'question'; readonly key: string; readonly interrupt: OpenInterrupt }
  | {
      readonly kind: 'run-end'
      readonly key: string
      readonly run: Run
      /** Whether its answer may be asked for again. */
      readonly repeatable: boolean
      /** Whether the agent said anything in it. */
      readonly said: boolean
      /** Whether its questions are still open. */
      readonly asking: boolean
    }
  | { readonly kind: 'working'; readonly key: string; readonly run: Run }

type TimelineState = Pick<SessionState, 'status' | 'messages' | 'runs' | 'interrupts'>

/**
 * Puts messages, ends of runs and questions in the order in which a person reads them: each run's end after its last message, its
 * questions after that, what is not stored yet at the very end.
 */
export function timelineRows({ status, messages, runs, interrupts }: TimelineState): readonly Row[] {
  const rows: Row[] = []
  const places = new Map(runs.map((run, index) => [run.id, index]))
  const asked = new Set(messages.flatMap(({ role, run }) => (role === 'user' ? [run] : [])))
  const answered = new Set(messages.flatMap(({ role, run }) => (role === 'user' ? [] : [run])))
  const spoken = new Set(messages.flatMap(({ role, run, parts }) => (role !== 'user' && parts.some(isText) ? [run] : [])))
  let ended = 0

  function endRunsBefore(place: number): void {
    for (; ended < place; ended += 1) {
      const run = runs[ended]
      const next = runs[ended + 1]
      if (run === undefined) continue
      // Its question was answered anew by the next run, which has none of its own: this end belongs to an answer that is gone.
      const isRedone = next !== undefined && !answered.has(run.id) && !asked.has(next.id) && run.state.status !== 'interrupt'
      if (!isRedone) rows.push(...endOf(run, { repeatable: next === undefined && status === 'idle', said: spoken.has(run.id) }, interrupts))
    }
  }

  for (const message of messages) {
    if (message.pending !== undefined) continue
    const place = message.run === undefined ? undefined : places.get(message.run)
    if (place !== undefined) endRunsBefore(place)
    rows.push(messageRow(message, place === undefined ? undefined : runs[place], status))
  }
  endRunsBefore(runs.length)
  for (const message of messages) if (message.pending !== undefined) rows.push(messageRow(message, undefined, status))
  return rows
}

function messageRow(message: SessionMessage, run: Run | undefined, status: SessionState['status']): Row {
  const editable = status === 'idle' && message.role === 'user' && message.pending === undefined
  return { kind: 'message', key: `message ${message.id}`, message, run, editable }
}

function isText({ type }: Part): boolean {
  return type === 'text'
}

type RunEnd = Pick<Extract<Row, { kind: 'run-end' }>, 'repeatable' | 'said'>

function endOf(run: Run, end: RunEnd, interrupts: readonly OpenInterrupt[]): readonly Row[] {
  if (run.state.status === 'running' || run.state.status === 'stopping') return [{ kind: 'working', key: `working ${run.id}`, run }]
  const questions = interrupts.filter((interrupt) => interrupt.run === run.id)
  return [
    { kind: 'run-end', key: `end ${run.id}`, run, ...end, asking: questions.length > 0 },
    ...questions.map((interrupt): Row => ({ kind: 'question', key: `question ${interrupt.id}`, interrupt })),
  ]
}
