import { expect, test, vi } from 'vitest'
import { Heartbeat } from '../../src/http/heartbeat.ts'
import { manualTimers } from '../manual-timers.ts'

function beating() {
  const timers = manualTimers()
  const ping = vi.fn()
  const onDead = vi.fn()
  const heartbeat = new Heartbeat({ timers, pingMs: 15_000, deadMs: 25_000, ping, onDead })
  return { timers, ping, onDead, beat: () => heartbeat.beat(), stop: () => heartbeat.stop() }
}

test('a ping goes out every 15 s, counted from 1', async () => {
  const link = beating()
  for (let n = 0; n < 3; n++) {
    await link.timers.advance(15_000)
    link.beat()
  }
  expect(link.ping.mock.calls).toEqual([[1], [2], [3]])
})

test('without a sign of life a link is dead after 25 s, and told once', async () => {
  const link = beating()
  await link.timers.advance(24_999)
  expect(link.onDead).not.toHaveBeenCalled()
  await link.timers.advance(1)
  expect(link.onDead).toHaveBeenCalledTimes(1)
  await link.timers.advance(100_000)
  expect(link.onDead).toHaveBeenCalledTimes(1)
  expect(link.ping).toHaveBeenCalledTimes(1)
})

test('a sign of life gives another 25 s', async () => {
  const link = beating()
  await link.timers.advance(20_000)
  link.beat()
  await link.timers.advance(24_999)
  expect(link.onDead).not.toHaveBeenCalled()
  await link.timers.advance(1)
  expect(link.onDead).toHaveBeenCalledTimes(1)
})

test('a clock that is set back by an hour keeps no dead link for an hour', async () => {
  const timers = manualTimers()
  let setMs = 0
  const [ping, onDead] = [vi.fn(), vi.fn()]
  const heartbeat = new Heartbeat({ timers: { ...timers, now: () => timers.now() + setMs }, pingMs: 15_000, deadMs: 25_000, ping, onDead })
  setMs = -3_600_000
  await timers.advance(40_000)
  expect(ping).toHaveBeenCalledWith(1)
  expect(onDead).toHaveBeenCalledTimes(1)
  heartbeat.stop()
})

test('after the stop nothing happens', async () => {
  const link = beating()
  link.stop()
  await link.timers.advance(100_000)
  expect(link.ping).not.toHaveBeenCalled()
  expect(link.onDead).not.toHaveBeenCalled()
})
