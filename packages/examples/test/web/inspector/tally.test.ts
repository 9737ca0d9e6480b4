import { expect, test } from 'vitest'
import { countRecord, NO_TALLY } from '../../../web/src/inspector/tally.ts'

test('a merged batch counts the events that it stands for', () => {
  const batch = { type: 'batch', session: 's', from: 3, to: 12, events: 2, merged: true, replayed: true, at: 0 } as const
  expect(countRecord(NO_TALLY, batch)).toMatchObject({ events: 10, batches: 1, merged: 1 })
})

test('an attach is a resume or a snapshot, never both', () => {
  const attached = { type: 'attached', session: 's', head: 1, seq: 1, at: 0 } as const
  expect(countRecord(NO_TALLY, { ...attached, resumed: true })).toMatchObject({ resumes: 1, snapshots: 0 })
  expect(countRecord(NO_TALLY, { ...attached, resumed: false, reason: 'cursor_too_old' })).toMatchObject({ resumes: 0, snapshots: 1 })
})
