import type { LastRun, SessionStatus } from '@throughline/sdk/protocol'

/** What a session's lamp and its label show. */
export interface StatusWords {
  readonly tone: 'rest' | 'running' | 'asking' | 'failed'
  readonly text: string
}

/** Says what a session does now or, where it rests, how its last run ended. */
export function statusWords(status: SessionStatus, outcome: LastRun['outcome'] | undefined, code?: string): StatusWords {
  switch (status) {
    case 'running':
      return { tone: 'running', text: 'Running' }
    case 'waiting':
      return { tone: 'asking', text: 'Waiting for you' }
    case 'stopping':
      return { tone: 'running', text: 'Stopping…' }
    case 'idle':
      return outcome === undefined ? { tone: 'rest', text: 'Ready' } : outcomeWords(outcome, code)
    default:
      return status satisfies never
  }
}

function outcomeWords(outcome: LastRun['outcome'], code: string | undefined): StatusWords {
  switch (outcome) {
    case 'success':
    case 'interrupt':
      return { tone: 'rest', text: 'Done' }
    case 'cancelled':
      return { tone: 'rest', text: 'Stopped' }
    case 'error':
      return { tone: 'failed', text: code === 'interrupted' ? 'Interrupted' : 'Failed' }
    default:
      return outcome satisfies never
  }
}
