import type { Message, Transcript } from '../../src/protocol/index.ts'
import { resultOf } from './plain-message.ts'
import { type PlainTranscript, type Told, activeRun, setResult } from './plain-transcript.ts'

/** An event of our own. */
export function applyOwn(t: PlainTranscript, e: Told): void {
  const value = e.value as Readonly<Record<string, unknown>>
  const run = activeRun(t)
  switch (e.name) {
    case 'throughline/queued': {
      const { message, input, by, first } = value as unknown as Transcript['queue'][number] & { readonly first?: boolean }
      if (t.queue.some((queued) => queued.message.id === message.id)) return
      const queued = { message, ...(input !== undefined && { input }), by, ...(e.timestamp !== undefined && { at: e.timestamp }) }
      t.queue = first === true ? [queued, ...t.queue] : [...t.queue, queued]
      return
    }
    case 'throughline/unqueued':
      t.queue = t.queue.filter(({ message }) => message.id !== value['message'])
      return
    case 'throughline/stopping':
      if (run?.id === value['run'] && run?.state.status === 'running') run.state = { status: 'stopping', stoppedBy: value['by'] as string }
      return
    case 'throughline/answered': {
      const { interrupt, message, toolCallId, ...answer } = value
      if (interrupt === undefined) setResult(t, toolCallId as string, resultOf(message as Message & { role: 'tool' }), e.timestamp)
      else t.interrupts = t.interrupts.map((open) => (open.id === interrupt ? ({ ...open, answer } as typeof open) : open))
      return
    }
    case 'throughline/rewound': {
      const index = t.messages.findIndex(({ id }) => id === value['from'])
      const of = t.messages[index]?.run
      t.messages = t.messages.slice(0, Math.max(0, index))
      const at = t.runs.findIndex(({ id }) => id === of)
      const isKept = at >= 0 && t.messages.some((message) => message.run === of)
      t.runs = t.runs.slice(0, isKept ? at + 1 : Math.max(0, at))
      t.interrupts = []
      return
    }
    default:
  }
}
