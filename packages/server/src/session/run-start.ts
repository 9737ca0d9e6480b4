import { AG_UI_VERSION, type Message, type ResumeEntry, type RunOptions, type SessionEvent } from '@throughline/sdk/protocol'

/** What a run begins with. */
export interface RunStart {
  /** Only what is new: the user's message, results of frontend tools, or nothing where a run goes on. */
  readonly messages: readonly Message[]
  readonly input?: RunOptions | undefined
  /** The principal that caused it. */
  readonly by: string
  /** The answers to all open interrupts. */
  readonly resume?: readonly ResumeEntry[] | undefined
  /** The interrupted run that this one takes up. */
  readonly resumes?: string | undefined
  /** The message that goes, with all after it. */
  readonly rewindFrom?: string | undefined
}

/** The events that begin a run: they stand in one batch. */
export function runStartEvents(session: string, run: string, start: RunStart, now: number): SessionEvent[] {
  const { tools = [], context = [], state, forwardedProps } = start.input ?? {}
  const started: SessionEvent = {
    type: 'RUN_STARTED',
    threadId: session,
    runId: run,
    protocolVersion: AG_UI_VERSION,
    timestamp: now,
    input: {
      threadId: session,
      runId: run,
      messages: [...start.messages],
      tools: [...tools],
      context: [...context],
      ...(state !== undefined && { state }),
      ...(forwardedProps !== undefined && { forwardedProps }),
      ...(start.resume !== undefined && { resume: [...start.resume] }),
    },
    metadata: { throughline: { by: start.by, ...(start.resumes !== undefined && { resumes: start.resumes }) } },
  }
  if (start.rewindFrom === undefined) return [started]
  return [{ type: 'CUSTOM', name: 'throughline/rewound', value: { from: start.rewindFrom }, timestamp: now }, started]
}
