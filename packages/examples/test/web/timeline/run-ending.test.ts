import type { Run, RunState } from '@throughline/sdk/protocol'
import { describe, expect, test } from 'vitest'
import { runEnding } from '../../../web/src/timeline/run-ending.ts'

function ended(state: RunState, rest: Partial<Run> = {}): ReturnType<typeof runEnding> {
  return runEnding({ id: 'a', state, messages: 1, ...rest }, false)
}

describe('the end of a run', () => {
  test('a success says how long it took by the server clock, and what it cost', () => {
    const run = { at: 1_000, usage: [{ outputTokens: 1_200 }, { outputTokens: 34 }] }
    expect(ended({ status: 'success', endedAt: 13_400 }, run)).toEqual({ tone: 'quiet', title: '12 s · 1,234 tokens' })
  })

  test('a stop is told apart from a failure', () => {
    expect(ended({ status: 'cancelled' })?.tone).toBe('stopped')
    expect(ended({ status: 'error', message: 'no' })).toEqual({ tone: 'failed', title: 'The run failed', detail: 'no' })
  })

  test('a restart of the server is not called a failure of the agent', () => {
    expect(ended({ status: 'error', code: 'interrupted', message: '' })?.title).toMatch(/restart/)
  })

  test('a run under way has no end, and neither has one whose questions are open', () => {
    expect(ended({ status: 'running' })).toBeUndefined()
    expect(runEnding({ id: 'a', state: { status: 'interrupt' }, messages: 1 }, true)).toBeUndefined()
  })
})
