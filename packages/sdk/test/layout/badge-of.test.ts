import { expect, test } from 'vitest'
import { badgeOf } from '../../src/layout/badge-of.ts'

const ended = (outcome: 'success' | 'interrupt' | 'cancelled' | 'error') => ({ status: 'idle' as const, last: { run: 'r2', outcome } })

test.each([
  [{ status: 'running' as const }, 'running'],
  [{ status: 'stopping' as const }, 'running'],
  [{ status: 'waiting' as const }, 'needs_you'],
  [{ status: 'idle' as const }, undefined],
  [ended('success'), 'finished'],
  [ended('error'), 'failed'],
  [ended('cancelled'), undefined],
  [ended('interrupt'), undefined],
])('%o has the badge %s', (entry, badge) => {
  expect(badgeOf(entry, 'r1')).toBe(badge)
})

test('a run whose end was seen has none', () => {
  expect(badgeOf(ended('success'), 'r2')).toBeUndefined()
  expect(badgeOf(ended('error'), 'r2')).toBeUndefined()
})
