import { expect, test, vi } from 'vitest'
import { awaitExpiry } from '../../src/http/token-expiry.ts'
import { manualTimers } from '../manual-timers.ts'

const DAY_MS = 24 * 60 * 60 * 1000

test('a token runs out at its time', async () => {
  const timers = manualTimers()
  const onExpired = vi.fn()
  awaitExpiry(timers.now() + 1_000, timers, onExpired)
  await timers.advance(999)
  expect(onExpired).not.toHaveBeenCalled()
  await timers.advance(1)
  expect(onExpired).toHaveBeenCalledTimes(1)
})

test('a timer that comes early is not the end of a token', async () => {
  const clock = manualTimers()
  const short = { ...clock, setTimeout: (callback: () => void, delayMs: number) => clock.setTimeout(callback, Math.min(delayMs, DAY_MS)) }
  const onExpired = vi.fn()
  awaitExpiry(clock.now() + 40 * DAY_MS, short, onExpired)
  await clock.advance(40 * DAY_MS - 1)
  expect(onExpired).not.toHaveBeenCalled()
  await clock.advance(1)
  expect(onExpired).toHaveBeenCalledTimes(1)
})

test('a token without an end never runs out, and one that is replaced does not either', async () => {
  const timers = manualTimers()
  const onExpired = vi.fn()
  awaitExpiry(undefined, timers, onExpired)()
  awaitExpiry(timers.now() + 1_000, timers, onExpired)()
  await timers.advance(DAY_MS)
  expect(onExpired).not.toHaveBeenCalled()
})
