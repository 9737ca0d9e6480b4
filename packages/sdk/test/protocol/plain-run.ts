import type { Run } from '../../src/protocol/index.ts'
import { knownIds, place } from './plain-message.ts'
import { type Plain, type PlainTranscript, type Told, activeRun, backwards, close } from './plain-transcript.ts'

/** RUN_STARTED. */
export function startRun(t: PlainTranscript, e: Told): void {
  const id = e.runId ?? ''
  if (t.runs.some((run) => run.id === id)) return
  if (activeRun(t) !== undefined) endRun(t, { type: 'RUN_ERROR' }, { status: 'error', code: 'interrupted', message: '' })
  t.interrupts = []
  const last = t.runs.at(-1)
  if (last?.state.status === 'success') {
    const { pendingToolCallIds: _, ...state } = last.state
    last.state = state
  }
  const origin = (e.metadata?.['throughline'] ?? {}) as Pick<Run, 'by' | 'resumes'>
  const run: Plain<Run> = { id, state: { status: 'running' }, messages: 0 }
  if (e.timestamp !== undefined) run.at = e.timestamp
  if (origin.by !== undefined) run.by = origin.by
  if (origin.resumes !== undefined) run.resumes = origin.resumes
  t.runs.push(run)
  if (e.input?.state !== undefined) t.agentState = e.input.state
  const known = knownIds(t)
  for (const message of e.input?.messages ?? []) {
    t.queue = t.queue.filter((queued) => queued.message.id !== message.id)
    if (!known.has(message.id)) place(t, run, message, e)
    known.add(message.id)
  }
}

/** Ends the active run. */
export function endRun(t: PlainTranscript, e: Told, state: Run['state']): void {
  for (const part of backwards(t)) {
    if (part.open === true) close(t, part, e.timestamp)
    const pending = state.status === 'success' ? (state.pendingToolCallIds ?? []) : []
    if (part.type !== 'tool' || (part.status !== 'input' && part.status !== 'running')) continue
    if (state.status === 'interrupt' || pending.includes(part.id)) continue
    part.status = state.status === 'error' ? 'interrupted' : 'cancelled'
    delete part.endedAt
    if (e.timestamp !== undefined) part.endedAt = e.timestamp
  }
  const run = activeRun(t)
  if (run === undefined) return
  const left = state.status === 'interrupt' ? 'suspended' : 'error'
  if (run.subagents !== undefined) run.subagents = run.subagents.map((one) => (one.status === 'running' ? { ...one, status: left } : one))
  run.state = { ...state, ...(e.timestamp !== undefined && { endedAt: e.timestamp }) }
  delete run.usage
  if (e.usage !== undefined) run.usage = e.usage
  delete run.steps
}
