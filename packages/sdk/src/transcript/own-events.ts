import type { OwnEvent } from '../protocol/events.ts'
import { isRecord } from '../protocol/shape.ts'
import { activeRun } from './active-run.ts'
import { write, writeLastRun, type Draft } from './draft.ts'
import { atOf, hasTexts, textsOf } from './event-fields.ts'
import { toResult } from './from-ag-ui.ts'
import { readMessages } from './read-messages.ts'
import { setResult } from './tool-parts.ts'

/** The value of an own event, of which only that it is an object is known. */
type Value = Readonly<Record<string, unknown>>

/** One of Throughline's own events. A name that this version does not know is ignored. */
export function foldOwnEvent(draft: Draft, event: OwnEvent): void {
  const { name, value }: { name: OwnEvent['name']; value: unknown } = event
  if (!isRecord(value)) return
  switch (name) {
    case 'throughline/queued':
      return queue(draft, value, event)
    case 'throughline/unqueued':
      return unqueue(draft, value)
    case 'throughline/stopping':
      return markStopping(draft, value)
    case 'throughline/answered':
      return answer(draft, value, event)
    case 'throughline/rewound':
      return rewind(draft, value)
    default:
      name satisfies never
  }
}

function queue(draft: Draft, value: Value, event: OwnEvent): void {
  const [message] = readMessages([value['message']])
  const { queue: waiting } = draft.transcript
  if (message?.role !== 'user' || waiting.some((other) => other.message.id === message.id)) return
  const { input, first } = value
  const queued = { message, by: '', ...textsOf(value, { by: 'by' }), ...(isRecord(input) && { input }), ...atOf(event) }
  write(draft).queue = first === true ? [queued, ...waiting] : [...waiting, queued]
}

function unqueue(draft: Draft, value: Value): void {
  const left = draft.transcript.queue.filter(({ message }) => message.id !== value['message'])
  if (left.length < draft.transcript.queue.length) write(draft).queue = left
}

function markStopping(draft: Draft, value: Value): void {
  const run = activeRun(draft.transcript)
  if (run?.id !== value['run'] || run?.state.status !== 'running') return
  writeLastRun(draft).state = { status: 'stopping', stoppedBy: '', ...textsOf(value, { stoppedBy: 'by' }) }
}

function answer(draft: Draft, value: Value, event: OwnEvent): void {
  const [message] = readMessages([value['message']])
  if (hasTexts(value, 'toolCallId') && message?.role === 'tool') setResult(draft, String(value['toolCallId']), toResult(message), event)
  const { interrupts } = draft.transcript
  if (!interrupts.some(({ id }) => id === value['interrupt'])) return
  const { payload } = value
  const status = value['status'] === 'cancelled' ? ('cancelled' as const) : ('resolved' as const)
  const answered = { status, ...(payload !== undefined && { payload }), by: '', ...textsOf(value, { by: 'by' }) }
  write(draft).interrupts = interrupts.map((open) => (open.id === value['interrupt'] ? { ...open, answer: answered } : open))
}

/** The conversation goes on from before a message. One that is older than the window takes all of the window with it. */
function rewind(draft: Draft, { from }: Value): void {
  if (typeof from !== 'string') return
  const { messages, runs } = draft.transcript
  const index = Math.max(0, messages.findIndex(({ id }) => id === from))
  const kept = messages.slice(0, index)
  const run = messages[index]?.id === from ? runs.findIndex(({ id }) => id === messages[index]?.run) : 0
  const stays = kept.some((message) => message.run === runs[run]?.id)
  Object.assign(write(draft), { messages: kept, runs: runs.slice(0, stays ? run + 1 : Math.max(0, run)), interrupts: [] })
}
