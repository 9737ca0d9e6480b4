import type { SessionStatus } from '../protocol/session-entry.ts'
import type { Transcript } from '../protocol/transcript.ts'
import { activeRun } from './draft.ts'

/**
 * What the session does now: `waiting` is for a person, while an interrupt has no answer. One whose interrupts are all answered is idle:
 * so a stop ends the waiting without a run that follows.
 */
export function statusOf(transcript: Transcript): SessionStatus {
  const run = activeRun(transcript)
  if (run !== undefined) return run.state.status === 'stopping' ? 'stopping' : 'running'
  return transcript.interrupts.some(({ answer }) => answer === undefined) ? 'waiting' : 'idle'
}
