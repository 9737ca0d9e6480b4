import { isOwnEvent, type BatchFrame, type OwnEvent, type SessionEvent } from '@throughline/sdk/protocol'
import type { Append, Store } from '../../src/store/port.ts'

/** What was stored of a session, read by the words of the protocol alone: neither the fold nor the host has a say in it. */
export interface JournalReading {
  /** Where a command has its place among all that took effect; undefined where it took none. */
  readonly placeOf: (command: string) => number | undefined
  /** Whether an answer with this payload closed a question. */
  readonly wasAnswer: (payload: string) => boolean
  /** The messages of users that stand in the timeline, in their order. */
  readonly timeline: () => readonly string[]
  /** What must never be: a run with two ends or none, a message that began twice, a question with two answers. */
  readonly faults: () => readonly string[]
}

/** Reads along while a store is written. Rows that are folded later do not tell any more what was in them. */
export function readJournal(store: Store, count: (name: string) => void): { readonly store: Store; readonly reading: JournalReading } {
  const commands = new Map<string, number>()
  const begun = new Set<string>()
  const queued = new Set<string>()
  const openRuns = new Set<string>()
  const endedRuns = new Set<string>()
  const answers = new Map<string, unknown>()
  const faults: string[] = []
  let timeline: readonly string[] = []

  function note({ batch, effects }: Append): void {
    if (effects?.command) {
      const { id } = effects.command
      if (commands.has(id)) faults.push(`command ${id} took effect twice`)
      commands.set(id, commands.size + 1)
    }
    if (!batch || !(batch.frame.includes('"RUN_') || batch.frame.includes('throughline/'))) return
    for (const event of (JSON.parse(batch.frame.toString()) as BatchFrame).events) read(event)
  }

  function read(event: SessionEvent): void {
    if (event.type === 'RUN_STARTED') {
      const { messages = [], resume = [] } = event.input ?? {}
      for (const open of openRuns) faults.push(`${event.runId} began before ${open} had ended`)
      if (endedRuns.has(event.runId)) faults.push(`${event.runId} began twice`)
      openRuns.add(event.runId)
      if (isTakenUp(event)) count('taken up')
      for (const { id, role } of messages) if (role === 'user') begin(id)
      for (const { interruptId, payload } of resume) answer(interruptId, payload)
    } else if (event.type === 'RUN_FINISHED' || event.type === 'RUN_ERROR') {
      // An error says no run: it is of the one that is open.
      const [open] = openRuns
      const run = event.type === 'RUN_FINISHED' ? event.runId : open
      if (run === undefined || !openRuns.delete(run)) faults.push(`${run ?? 'no run'} ended, but was not open`)
      else endedRuns.add(run)
      if (event.type === 'RUN_FINISHED' && event.outcome?.type === 'interrupt') count('asked')
    } else if (isOwnEvent(event)) {
      readOwn(event)
    }
  }

  function readOwn(event: OwnEvent): void {
    if (event.name === 'throughline/queued') {
      const { id } = event.value.message
      if (queued.has(id) || begun.has(id)) faults.push(`${id} was queued twice`)
      queued.add(id)
    } else if (event.name === 'throughline/unqueued') {
      if (begun.has(event.value.message)) faults.push(`${event.value.message} was taken back, but had begun`)
      queued.delete(event.value.message)
      count('taken back')
    } else if (event.name === 'throughline/rewound') {
      count('rewound')
      const place = timeline.indexOf(event.value.from)
      if (place < 0) faults.push(`rewound to ${event.value.from}, which is not in the timeline`)
      timeline = timeline.slice(0, Math.max(0, place))
    } else if (event.name === 'throughline/answered' && 'interrupt' in event.value) {
      answer(event.value.interrupt, event.value.payload)
    }
  }

  function begin(message: string): void {
    if (begun.has(message)) faults.push(`${message} began twice`)
    begun.add(message)
    queued.delete(message)
    timeline = [...timeline, message]
  }

  function answer(interrupt: string, payload: unknown): void {
    // An answer that was kept is told again with the run that it helps to open.
    if (answers.has(interrupt) && answers.get(interrupt) !== payload) faults.push(`${interrupt} was answered twice`)
    if (typeof payload === 'string' && !payload.endsWith(interrupt))
      faults.push(`${interrupt} has the answer to another question: ${payload}`)
    if (payload !== undefined) count('answered')
    answers.set(interrupt, payload)
  }

  const append: Store['append'] = async (given) => {
    const verdict = await store.append(given)
    if (verdict.kind === 'stored') note(given)
    return verdict
  }
  return {
    store: new Proxy(store, {
      get(of, name) {
        const value: unknown = name === 'append' ? append : Reflect.get(of, name)
        return typeof value === 'function' ? (value.bind(of) as unknown) : value
      },
    }),
    reading: {
      placeOf: (command) => commands.get(command),
      wasAnswer: (payload) => [...answers.values()].includes(payload),
      timeline: () => timeline,
      faults: () => [
        ...faults,
        ...[...openRuns].map((run) => `${run} has no end`),
        ...[...queued].map((message) => `${message} waits still in the queue`),
      ],
    },
  }
}

/** Whether a run goes on with what a crash interrupted. */
function isTakenUp({ metadata }: Extract<SessionEvent, { type: 'RUN_STARTED' }>): boolean {
  return (metadata?.['throughline'] as { readonly resumes?: string } | undefined)?.resumes !== undefined
}
