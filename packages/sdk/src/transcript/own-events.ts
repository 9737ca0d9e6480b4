import type { OwnEvent, OwnEvents } from '../protocol/events.ts'
import { isRecord, isText } from '../protocol/shape.ts'
import type { OpenInterrupt, QueuedMessage } from '../protocol/transcript.ts'
import { defined } from './defined.ts'
import { activeRun, editRun, type Draft } from './draft.ts'
import { isMessage, toResult } from './from-ag-ui.ts'
import { setResult } from './tools.ts'

/** One of Throughline's own events. A name that this version does not know is ignored. */
export function foldOwnEvent(draft: Draft, event: OwnEvent): void {
  const { transcript } = draft
  if (!isRecord(event.value)) return
  switch (event.name) {
    case 'throughline/queued':
      return enqueue(transcript, event.value, event.timestamp)
    case 'throughline/unqueued':
      return dequeue(transcript, event.value.message)
    case 'throughline/stopping': {
      const { run, by } = event.value
      const active = activeRun(transcript)
      if (active?.id === run && active?.state.status === 'running') editRun(draft, { state: { status: 'stopping', stoppedBy: by } })
      return
    }
    case 'throughline/answered':
      return answer(draft, event.value, event.timestamp)
    case 'throughline/rewound':
      if (isText(event.value.from)) rewind(transcript, event.value.from)
      return
    default:
      event satisfies never
  }
}

/** A message waits no more: its run began, or it was taken back. */
export function dequeue(transcript: Draft['transcript'], id: string): void {
  const { queue } = transcript
  if (queue.some(({ message }) => message.id === id)) transcript.queue = queue.filter(({ message }) => message.id !== id)
}

function enqueue(transcript: Draft['transcript'], value: OwnEvents['throughline/queued'], at: number | undefined): void {
  const { message, input, by, first } = value
  const { queue } = transcript
  if (!isMessage(message) || queue.some((queued) => queued.message.id === message.id)) return
  const queued = defined<QueuedMessage>({ message, input, by, at })
  transcript.queue = first ? [queued, ...queue] : [...queue, queued]
}

function answer(draft: Draft, value: OwnEvents['throughline/answered'], at: number | undefined): void {
  const { transcript } = draft
  if ('toolCallId' in value) {
    if (isMessage(value.message)) setResult(draft, value.toolCallId, toResult(value.message), at)
    return
  }
  const { interrupt, status, payload, by } = value
  const given = defined<NonNullable<OpenInterrupt['answer']>>({ status, payload, by })
  if (transcript.interrupts.some(({ id }) => id === interrupt))
    transcript.interrupts = transcript.interrupts.map((open) => (open.id === interrupt ? { ...open, answer: given } : open))
}

/** The conversation goes on from before a message. One that is older than the window takes all of the window with it. */
function rewind(transcript: Draft['transcript'], from: string): void {
  const { messages, runs } = transcript
  const index = messages.findIndex(({ id }) => id === from)
  const kept = messages.slice(0, Math.max(0, index))
  const run = runs.findIndex(({ id }) => id === messages[index]?.run)
  const isEmptied = kept.every((message) => message.run !== runs[run]?.id)
  transcript.messages = kept
  transcript.runs = runs.slice(0, isEmptied ? Math.max(0, run) : run + 1)
  transcript.interrupts = []
}
