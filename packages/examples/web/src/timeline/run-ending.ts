import type { Run } from '@throughline/sdk/protocol'
import { between } from '../parts/duration-words.ts'

/** What a timeline says where a run ended. */
export interface RunEnding {
  /** `quiet`: as it should be; `stopped`: somebody wanted it; `failed`: nobody did. */
  readonly tone: 'quiet' | 'stopped' | 'failed'
  readonly title: string
  readonly detail?: string
}

/** Says how a run ended, and no more than is known. A lost connection ends no run, so it is never said here. */
export function runEnding(run: Run, asking: boolean): RunEnding | undefined {
  const { state } = run
  switch (state.status) {
    case 'running':
    case 'stopping':
      return undefined
    case 'success':
      return { tone: 'quiet', title: facts(run, state.endedAt).join(' · ') }
    case 'interrupt':
      return asking ? undefined : { tone: 'quiet', title: 'Here the agent asked' }
    case 'cancelled':
      return { tone: 'stopped', title: 'Stopped', detail: ['What was written until then is kept.', ...facts(run, state.endedAt)].join(' ') }
    case 'error':
      return errorEnding(state.code, state.message)
    default:
      return state satisfies never
  }
}

function errorEnding(code: string | undefined, message: string): RunEnding {
  switch (code) {
    case 'interrupted':
      return {
        tone: 'failed',
        title: 'Interrupted by a restart of the server',
        detail: 'The answer is kept as far as it got. Nothing was run a second time.',
      }
    case 'timeout':
      return { tone: 'failed', title: 'The run took too long and was ended', detail: message }
    case 'limit':
      return { tone: 'failed', title: 'The run went over a limit and was ended', detail: message }
    default:
      return { tone: 'failed', title: 'The run failed', detail: message }
  }
}

function facts(run: Run, endedAt: number | undefined): readonly string[] {
  const time = between(run.at, endedAt)
  const tokens = (run.usage ?? []).reduce((sum, usage) => sum + (usage.outputTokens ?? 0), 0)
  return [...(time === undefined ? [] : [time]), ...(tokens > 0 ? [`${tokens.toLocaleString('en')} tokens`] : [])]
}
