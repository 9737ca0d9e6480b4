import type { Run, Transcript } from '../protocol/transcript.ts'

/** The run that is under way, running or asked to stop. Only the last one can be. */
export function activeRun({ runs }: Transcript): Run | undefined {
  const last = runs.at(-1)
  return last !== undefined && isUnderWay(last) ? last : undefined
}

/** Whether a run has no terminal event yet. */
export function isUnderWay({ state }: Run): boolean {
  return state.status === 'running' || state.status === 'stopping'
}
