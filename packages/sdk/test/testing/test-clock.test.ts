import { expect, test } from 'vitest'
import { testClock } from '../../src/testing/index.ts'

test('timers fire in order, at their time, and only when time passes', async () => {
  const clock = testClock(1_000)
  const fired: string[] = []
  clock.setTimeout(() => fired.push(`b ${clock.now()}`), 20)
  clock.setTimeout(() => fired.push(`a ${clock.now()}`), 10)
  clock.clearTimeout(clock.setTimeout(() => fired.push('never'), 5))
  await clock.settle()
  expect(fired).toEqual([])
  expect(clock.pending).toBe(2)
  await clock.advance(19)
  expect(fired).toEqual(['a 1010'])
  await clock.advance(1)
  expect(fired).toEqual(['a 1010', 'b 1020'])
  expect([clock.now(), clock.pending]).toEqual([1_020, 0])
})

test('what a timer starts happens before the next timer', async () => {
  const clock = testClock()
  const told: string[] = []
  clock.setTimeout(() => {
    told.push('one')
    void Promise.resolve().then(() => Promise.resolve().then(() => told.push('after one')))
  }, 1)
  clock.setTimeout(() => told.push('two'), 2)
  await clock.advance(5)
  expect(told).toEqual(['one', 'after one', 'two'])
})

test('timers that fell due while the machine slept fire late', async () => {
  const clock = testClock(0)
  const fired: number[] = []
  clock.setTimeout(() => fired.push(clock.now()), 10)
  clock.sleep(1_000)
  expect(fired).toEqual([])
  await clock.advance(0)
  expect(fired).toEqual([1_000])
})

test('a clock that is set reads another time, and its timers take theirs all the same', async () => {
  const clock = testClock(1_000)
  const fired: number[] = []
  clock.setTimeout(() => fired.push(clock.now()), 100)
  clock.set(-500)
  expect(clock.now()).toBe(500)
  await clock.advance(99)
  expect(fired).toEqual([])
  await clock.advance(1)
  expect(fired).toEqual([600])
})
