import { expect, test } from 'vitest'
import { countdown } from '../../src/connection/countdown.ts'

function begin(ms: number) {
  const clock = { at: 1_000_000, now: () => clock.at }
  const wait = countdown(clock)
  wait.start(ms)
  return { clock, wait }
}

test('a wait that was never begun is over', () => {
  expect(countdown({ now: () => 5 }).leftMs()).toBe(0)
})

test('a wait is over when its time has passed by the clock', () => {
  const { clock, wait } = begin(1_000)
  clock.at += 400
  expect(wait.leftMs()).toBe(600)
  clock.at += 600
  expect(wait.leftMs()).toBe(0)
  clock.at += 5_000
  expect(wait.leftMs()).toBe(0)
})

test('a clock that is set back makes a wait begin again at most, and not last until it has caught up', () => {
  const { clock, wait } = begin(1_000)
  clock.at -= 3_600_000
  expect(wait.leftMs()).toBe(1_000)
  clock.at += 1_000
  expect(wait.leftMs()).toBe(0)
})

test('a clock that is set ahead ends a wait', () => {
  const { clock, wait } = begin(1_000)
  clock.at += 3_600_000
  expect(wait.leftMs()).toBe(0)
})

test('a wait that is begun anew forgets the one before', () => {
  const { wait } = begin(1_000)
  wait.start(10)
  expect(wait.leftMs()).toBe(10)
})
