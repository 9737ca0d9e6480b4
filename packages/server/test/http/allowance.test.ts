import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { Allowance } from '../../src/http/allowance.ts'
import { hostLimits } from '../../src/session/host-limits.ts'
import { manualTimers } from '../manual-timers.ts'

test('an allowance gives as many as it has at once', () => {
  const one = new Allowance(3, manualTimers())
  expect([one.take(), one.take(), one.take()]).toEqual([undefined, undefined, undefined])
  expect(one.take()).toBe(20_000)
})

test('an allowance refills evenly', async () => {
  const timers = manualTimers()
  const one = new Allowance(3, timers)
  for (let n = 0; n < 3; n++) one.take()
  await timers.advance(19_999)
  expect(one.take()).toBe(1)
  await timers.advance(1)
  expect(one.take()).toBeUndefined()
})

test('an allowance never holds more than a minute’s worth', async () => {
  const timers = manualTimers()
  const one = new Allowance(2, timers)
  await timers.advance(3_600_000)
  expect([one.take(), one.take()]).toEqual([undefined, undefined])
  expect(one.take()).toBeGreaterThan(0)
})

test('a clock that is set back gives nothing for free, and takes nothing away', () => {
  let now = 100_000
  const one = new Allowance(1, { now: () => now })
  now = 0
  expect(one.take()).toBeUndefined()
  expect(one.take()).toBe(60_000)
})

test('who waits as long as it was told is served', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 20 }),
      fc.array(fc.integer({ min: 0, max: 5_000 }), { minLength: 30, maxLength: 50 }),
      (perMinute, pauses) => {
        let now = 0
        const one = new Allowance(perMinute, { now: () => now })
        for (const pauseMs of pauses) {
          now += pauseMs
          const waitMs = one.take()
          if (waitMs === undefined) continue
          now += waitMs
          expect(one.take()).toBeUndefined()
        }
      },
    ),
  )
})

test('without a limit all is given, and it stays as good as new', async () => {
  const timers = manualTimers()
  const one = new Allowance(hostLimits({ commandsPerMinute: Infinity }).commandsPerMinute, timers)
  for (let n = 0; n < 1_000; n++) expect(one.take()).toBeUndefined()
  await timers.advance(60_000)
  expect(one.isFull()).toBe(true)
})
