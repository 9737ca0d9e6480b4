import { EMPTY_TRANSCRIPT, type SessionEvent } from '@throughline/sdk/protocol'
import { expect, test } from 'vitest'
import { activityOf, advanceLedger, openLedger } from '../../src/session/ledger.ts'
import { runStartEvents } from '../../src/session/run-start.ts'

/** A run that ended, with a result of a thousand characters. */
const ended = (run: string): SessionEvent[] => [
  ...runStartEvents('session', run, { messages: [], by: 'ann' }, 1),
  { type: 'RUN_FINISHED', threadId: 'session', runId: run, outcome: { type: 'success' }, result: 'x'.repeat(1000) },
]

test('a ledger does not grow with the runs of its session', () => {
  let ledger = openLedger(EMPTY_TRANSCRIPT)
  for (let run = 1; run <= 1000; run += 1) ledger = advanceLedger(ledger, ended(`run-${run}`))
  expect(JSON.stringify(ledger).length).toBeLessThan(100_000)
  expect(activityOf(ledger)).toEqual({ kind: 'idle' })
  expect(ledger.control.runs.at(-1)?.id).toBe('run-1000')
})
