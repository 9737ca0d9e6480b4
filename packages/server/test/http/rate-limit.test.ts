import { expect, test } from 'vitest'
import { rateLimit } from '../../src/http/rate-limit.ts'
import { manualTimers } from '../manual-timers.ts'

test('each name has an allowance of its own', () => {
  const limit = rateLimit(1, manualTimers())
  expect(limit.take('ann')).toBeUndefined()
  expect(limit.take('bob')).toBeUndefined()
  expect(limit.take('ann')).toBe(60_000)
})

test('a name that is forgotten begins with a full allowance, not with more', async () => {
  const timers = manualTimers()
  const limit = rateLimit(2, timers)
  limit.take('ann')
  await timers.advance(120_000)
  limit.take('bob')
  expect([limit.take('ann'), limit.take('ann')]).toEqual([undefined, undefined])
  expect(limit.take('ann')).toBe(30_000)
})
