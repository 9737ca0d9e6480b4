import { expect, test } from 'vitest'
import { startHeartbeat } from '../../src/connection/heartbeat.ts'
import { testClock } from '../../src/testing/index.ts'

function begin() {
  const clock = testClock()
  const deaths: string[] = []
  const pings: number[] = []
  const limit = { ms: 25_000 }
  const heartbeat = startHeartbeat({
    clock,
    silenceMs: () => limit.ms,
    ping: (n) => pings.push(n),
    onDead: (why) => {
      deaths.push(why)
      heartbeat.stop()
    },
  })
  return { clock, deaths, pings, limit, heartbeat }
}

test('a link is dead when it has been silent for as long as it may', async () => {
  const { clock, deaths } = begin()
  await clock.advance(24_999)
  expect(deaths).toEqual([])
  await clock.advance(1)
  expect(deaths).toEqual(['silent'])
})

test('any frame is a sign of life', async () => {
  const { clock, deaths, heartbeat } = begin()
  await clock.advance(20_000)
  heartbeat.heard()
  await clock.advance(24_999)
  expect(deaths).toEqual([])
  await clock.advance(1)
  expect(deaths).toEqual(['silent'])
})

test('a limit that becomes shorter counts at once, not after the timer that was set for the longer one', async () => {
  const { clock, deaths, limit } = begin()
  limit.ms = 30_000
  await clock.advance(10_000)
  limit.ms = 12_000
  await clock.advance(5_000)
  expect(deaths).toEqual(['silent'])
})

test('silence is read from the clock, since timers sleep with the machine', async () => {
  const { clock, heartbeat } = begin()
  clock.sleep(24_999)
  expect(heartbeat.isSilent()).toBe(false)
  clock.sleep(1)
  expect(heartbeat.isSilent()).toBe(true)
})

test('a probe that is answered within 2 s leaves the link', async () => {
  const { clock, deaths, pings, heartbeat } = begin()
  heartbeat.probe()
  expect(pings).toEqual([1])
  await clock.advance(1_999)
  heartbeat.heard()
  heartbeat.answered(1)
  await clock.advance(10_000)
  expect(deaths).toEqual([])
})

test('a probe without an answer after 2 s is death', async () => {
  const { clock, deaths, heartbeat } = begin()
  heartbeat.probe()
  await clock.advance(1_999)
  expect(deaths).toEqual([])
  await clock.advance(1)
  expect(deaths).toEqual(['unanswered'])
})

test('the answer to an older probe does not count', async () => {
  const { clock, deaths, heartbeat } = begin()
  heartbeat.probe()
  heartbeat.answered(1)
  heartbeat.probe()
  heartbeat.answered(1)
  await clock.advance(2_000)
  expect(deaths).toEqual(['unanswered'])
})

test('frames that keep coming before the answer give it more time', async () => {
  const { clock, deaths, heartbeat } = begin()
  heartbeat.probe()
  for (let index = 0; index < 5; index++) {
    await clock.advance(1_500)
    heartbeat.heard()
  }
  expect(deaths).toEqual([])
  heartbeat.answered(1)
  await clock.advance(10_000)
  expect(deaths).toEqual([])
})

test('what lay there at waking, and nothing after it, is no answer', async () => {
  const { clock, deaths, heartbeat } = begin()
  heartbeat.probe()
  await clock.advance(1)
  heartbeat.heard()
  await clock.advance(4_000)
  expect(deaths).toEqual(['unanswered'])
})

test('one probe at a time', () => {
  const { pings, heartbeat } = begin()
  heartbeat.probe()
  heartbeat.probe()
  expect(pings).toEqual([1])
})

test('stopping leaves no timer', () => {
  const { clock, heartbeat } = begin()
  heartbeat.probe()
  heartbeat.stop()
  expect(clock.pending).toBe(0)
})
