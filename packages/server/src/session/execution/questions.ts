import type { Interrupt, ResumeEntry } from '@throughline/sdk/protocol'
import type { Answer, Question } from '../../agent/contract.ts'

/** The questions of an execution: asked, put to a person together, answered together. */
export interface Questions {
  /** Settles with the answer, or rejects where the execution ends before it. */
  ask(question: Question): Promise<Answer>
  /** Whether any was asked and not put yet. */
  hasWaiting(): boolean
  /** Puts all that wait, as interrupts. */
  put(): Interrupt[]
  /** Answers all that were put; one without an entry is cancelled. */
  answer(entries: readonly ResumeEntry[]): void
  /** Gives up all that are open. */
  reject(reason: unknown): void
}

interface Asked {
  readonly interrupt: Interrupt
  readonly settle: (answer: Answer) => void
  readonly reject: (reason: unknown) => void
}

export function keepQuestions(options: {
  readonly now: () => number
  readonly newId: () => string
  readonly toolCallId: (agentId: string) => string
}): Questions {
  let waiting: Asked[] = []
  let open: Asked[] = []

  function interruptOf({ reason = 'input', message, toolCallId, responseSchema, expiresMs, metadata }: Question): Interrupt {
    const interrupt = {
      id: options.newId(),
      reason,
      message,
      toolCallId: toolCallId === undefined ? undefined : options.toolCallId(toolCallId),
      responseSchema,
      expiresAt: expiresMs === undefined ? undefined : new Date(options.now() + expiresMs).toISOString(),
      metadata,
    }
    // As JSON at once: what is no JSON fails here, at the agent's own call.
    return JSON.parse(JSON.stringify(interrupt)) as Interrupt
  }

  return {
    ask(question) {
      const answered = new Promise<Answer>((settle, reject) => {
        waiting.push({ interrupt: interruptOf(question), settle, reject })
      })
      // An agent that does not look at the answer must not bring the process down.
      answered.catch(() => undefined)
      return answered
    },
    hasWaiting: () => waiting.length > 0,
    put() {
      open = waiting
      waiting = []
      return open.map(({ interrupt }) => interrupt)
    },
    answer(entries) {
      for (const { interrupt, settle } of open) settle(answerOf(entries.find(({ interruptId }) => interruptId === interrupt.id)))
      open = []
    },
    reject(reason) {
      for (const asked of [...open, ...waiting]) asked.reject(reason)
      open = []
      waiting = []
    },
  }
}

function answerOf(entry: ResumeEntry | undefined): Answer {
  if (entry?.status !== 'resolved') return { status: 'cancelled' }
  const { by } = (entry.metadata?.['throughline'] ?? {}) as { readonly by?: unknown }
  const payload: unknown = entry.payload
  return { status: 'resolved', by: typeof by === 'string' ? by : '', ...(payload !== undefined && { payload }) }
}
