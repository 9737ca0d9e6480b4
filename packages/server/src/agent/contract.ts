import type { AgUiEvent, Context, Interrupt, Message, ResumeEntry, Tool } from '@throughline/sdk/protocol'

/** A question for a person; what AG-UI calls an interrupt. */
export interface Question {
  /** Why the agent asks: `input`, `approval`, or a word of its own. @default 'input' */
  readonly reason?: string
  /** What the person reads. */
  readonly message?: string
  /** The tool call that waits for the answer. */
  readonly toolCallId?: string
  /** A JSON schema that the payload of an answer must fit. */
  readonly responseSchema?: Interrupt['responseSchema']
  /** After how many milliseconds the host answers `cancelled`. @default never */
  readonly expiresMs?: number
  readonly metadata?: Readonly<Record<string, unknown>>
}

/** A person's answer; `cancelled` also where the question expired or the run was abandoned with it open. */
export type Answer = { readonly status: 'resolved'; readonly payload?: unknown; readonly by: string } | { readonly status: 'cancelled' }

/** What an agent is given for one execution. */
export interface AgentRun {
  readonly sessionId: string
  /** The run that the execution began with. */
  readonly runId: string
  /** Everything said so far, the new message last, as AG-UI messages. */
  readonly messages: readonly Message[]
  /** What the sender gave beside the message. */
  readonly input: {
    readonly tools: readonly Tool[]
    readonly context: readonly Context[]
    readonly state?: unknown
    readonly forwardedProps?: unknown
  }
  /** The agent state as the journal has it. */
  readonly state?: unknown
  /** Aborts when somebody stops the run, or the server shuts down. An agent passes it on to whatever it waits for. */
  readonly signal: AbortSignal
  /**
   * Asks a person and waits, for seconds or days: the run ends with an interrupt, and the execution goes on in the answer's run. Rejects with the
   * signal's reason where the execution is stopped or abandoned meanwhile.
   */
  readonly ask: (question: Question) => Promise<Answer>
  /** Present where the agent is called anew to go on: with the answers to its interrupts, or after a crash. */
  readonly resume?: Resume
}

/** Why an agent is called anew. */
export type Resume =
  /** All interrupts that its last run ended with were answered. */
  | { readonly kind: 'answers'; readonly entries: readonly ResumeEntry[] }
  /** The server died while this run was under way; its partial output is in `messages`. */
  | { readonly kind: 'interrupted'; readonly run: string }

/** An AG-UI event as agents yield it: any of the 31 types, `timestamp` optional. */
export type AgentEvent = AgUiEvent

/** The agent function: yields AG-UI events. RUN_STARTED is the host's to write; an own RUN_FINISHED or RUN_ERROR sets the outcome. */
export type AgentFunction = (run: AgentRun) => AsyncIterable<AgentEvent>

/** An agent, as a host runs it. */
export interface Agent {
  /** What sessions and users call it. */
  readonly name: string
  readonly run: AgentFunction
  /** Whether it can take up a run that a crash interrupted. @default false */
  readonly resumes?: boolean
}
