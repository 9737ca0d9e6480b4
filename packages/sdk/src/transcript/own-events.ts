import type { OwnEvent, OwnEvents } from '../protocol/events.ts'
import { isRecord } from '../protocol/shape.ts'
import type { OpenInterrupt, QueuedMessage } from '../protocol/transcript.ts'
import { activeRun, defined, editRun, type Draft } from './draft.ts'
import { readMessages } from './sound-fields.ts'
import { toResult } from './to-parts.ts'
import { setResult } from './tools.ts'

/** One of Throughline's own events. A name that this version does not know is ignored. */
export function foldOwnEvent(draft: Draft, event: OwnEvent): void {
  if (!isRecord(event.value)) return
  const { transcript } = draft
  switch (event.name) {
    case 'throughline/queued':
      return queue(draft, event.value, event.timestamp)
    case 'throughline/unqueued': {
      const { message } = event.value
      if (transcript.queue.some((queued) => queued.message.id === message))
        transcript.queue = transcript.queue.filter((queued) => queued.message.id !== message)
      return
    }
    case 'throughline/stopping': {
      const { run, by } = event.value
      if (activeRun(draft)?.id === run) editRun(draft, { state: { status: 'stopping', stoppedBy: by } })
      return
    }
    case 'throughline/answered':
      return answer(draft, event.value, event.timestamp)
    case 'throughline/rewound':
      return rewind(draft, event.value)
    default:
      event satisfies never
  }
}

function queue({ transcript }: Draft, { message, input, by, first }: OwnEvents['throughline/queued'], at: number | undefined): void {
  const { queue: waiting } = transcript
  if (readMessages([message]).length === 0 || waiting.some((queued) => queued.message.id === message.id)) return
  const queued = defined<QueuedMessage>({ message, input, by, at })
  transcript.queue = first === true ? [queued, ...waiting] : [...waiting, queued]
}

function answer(draft: Draft, value: OwnEvents['throughline/answered'], at: number | undefined): void {
  const { transcript } = draft
  if ('toolCallId' in value) {
    const [message] = readMessages([value.message])
    if (message?.role === 'tool') setResult(draft, value.toolCallId, toResult(message), at)
    return
  }
  const { interrupt, status, payload, by } = value
  if (transcript.interrupts.some(({ id }) => id === interrupt))
    transcript.interrupts = transcript.interrupts.map((open) => (open.id === interrupt ? { ...open, answer: defined<NonNullable<OpenInterrupt['answer']>>({ status, payload, by }) } : open))
}

/** The conversation goes on from before a message. One that is older than the window takes all of the window with it. */
function rewind({ transcript }: Draft, { from }: OwnEvents['throughline/rewound']): void {
  const { messages, runs } = transcript
  const index = messages.findIndex(({ id }) => id === from)
  const kept = messages.slice(0, Math.max(0, index))
  const run = runs.findIndex(({ id }) => id === messages[index]?.run)
  const isEmptied = !kept.some((message) => message.run === runs[run]?.id)
  transcript.messages = kept
  transcript.runs = runs.slice(0, isEmptied ? Math.max(0, run) : run + 1)
  transcript.interrupts = []
}
