import type { Message, ResumeEntry, SessionEvent } from '@throughline/sdk/protocol'
import type { Agent, AgentRun, Resume } from '../agent/contract.ts'

/** What an execution is given of its session. */
export interface ExecutionPort {
  /** Takes an event of the current run, ready for the journal. */
  emit(event: SessionEvent): void
  /** Undefined while the journal keeps up; else settles when it does again, and until then the agent is not pulled. */
  room(): Promise<void> | undefined
  /**
   * Ends the current run: what closes its open parts, then its one terminal event. `suspended`: the execution lives on in `ask()` and waits
   * for {@link Execution.resume}; `ended`: it is over and emits nothing more.
   */
  end(events: readonly SessionEvent[], fate: 'suspended' | 'ended'): void
}

/** How an execution begins. */
export interface ExecutionStart {
  readonly agent: Agent
  readonly session: string
  readonly run: string
  readonly messages: readonly Message[]
  readonly input: AgentRun['input']
  readonly state?: unknown
  readonly resume?: Resume
  /** Whether an AG-UI message id is taken by an earlier run of the session. */
  readonly isTaken: (messageId: string) => boolean
}

/** The agent function at work: one run, or several where it waits for a person in between. */
export interface Execution {
  /** Aborts the agent's signal, at once and also while it starts up; the terminal event follows when the agent returns, 10 s later at the latest. */
  stop(): void
  /** Goes on, in a new run that has its RUN_STARTED already, with the answers to all that was asked. Only while suspended. */
  resume(run: string, entries: readonly ResumeEntry[]): void
  /** Gives up an execution that is suspended: its `ask()` rejects, its writes are refused from now on. */
  abandon(): void
  /** Whether it lives on in `ask()`. */
  isSuspended(): boolean
  /** Settles when the agent function has returned; never rejects. */
  readonly returned: Promise<void>
}
