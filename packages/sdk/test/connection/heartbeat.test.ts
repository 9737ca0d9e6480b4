import { expect, test } from 'vitest'
import { startHeartbeat } from '../../src/connection/heartbeat.ts'
import { testClock } from '../../src/testing/index.ts'

function begin() {
  const clock = testClock()
  const deaths: string[] = []
  const pings: number[] = []
  const answers: number[] = []
  const doubts: number[] = []
  const from = clock.now()
  const limit = { ms: 25_000 }
  const heartbeat = startHeartbeat({
    clock,
    silenceMs: () => limit.ms,
    ping: (n) => pings.push(n),
    onAnswer: (ms) => answers.push(ms),
    onDoubt: () => doubts.push(clock.now() - from),
    onDead: (why) => {
      deaths.push(why)
      heartbeat.stop()
    },
  })
  return { clock, deaths, pings, answers, doubts, limit, heartbeat }
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
  await clock.advance(1_999)
  expect(deaths).toEqual(['unanswered'])
})

test('a buffer that is read frame by frame after waking gives a dead link no second 2 s', async () => {
  const { clock, deaths, heartbeat } = begin()
  heartbeat.probe()
  for (let index = 0; index < 10; index++) {
    heartbeat.heard()
    await clock.advance(100)
  }
  await clock.advance(1_000)
  expect(deaths).toEqual(['unanswered'])
})

test('a link that brings frame after frame without a pause is alive', async () => {
  const { clock, deaths, heartbeat } = begin()
  heartbeat.probe()
  for (let index = 0; index < 40; index++) {
    await clock.advance(100)
    heartbeat.heard()
  }
  expect(deaths).toEqual([])
})

test('a frame after the first pause is news, so it gives 2 s more', async () => {
  const { clock, deaths, heartbeat } = begin()
  heartbeat.probe()
  await clock.advance(151)
  heartbeat.heard()
  await clock.advance(3_848)
  expect(deaths).toEqual([])
  await clock.advance(1)
  expect(deaths).toEqual(['unanswered'])
})

test('a link is in doubt when nothing came for 150 ms after a probe, and again after each frame', async () => {
  const { clock, doubts, heartbeat } = begin()
  await clock.advance(1_000)
  heartbeat.probe()
  await clock.advance(100)
  heartbeat.heard()
  await clock.advance(149)
  expect(heartbeat.isDoubted()).toBe(false)
  await clock.advance(1)
  expect(heartbeat.isDoubted()).toBe(true)
  await clock.advance(350)
  heartbeat.heard()
  expect(heartbeat.isDoubted()).toBe(false)
  await clock.advance(150)
  expect(doubts).toEqual([1_250, 1_750])
})

test('an answer ends all doubt', async () => {
  const { clock, doubts, heartbeat } = begin()
  heartbeat.probe()
  await clock.advance(149)
  heartbeat.answered(1)
  await clock.advance(2_000)
  expect(doubts).toEqual([])
  expect(heartbeat.isDoubted()).toBe(false)
})

test('a link that is asked for once more is doubted once more', async () => {
  const { clock, doubts, heartbeat } = begin()
  heartbeat.probe()
  await clock.advance(500)
  heartbeat.probe()
  await clock.advance(500)
  expect(doubts).toEqual([150, 650])
})

test('a timer that comes late is no reason for doubt', async () => {
  const { clock, doubts, heartbeat } = begin()
  heartbeat.probe()
  clock.sleep(10_000)
  await clock.advance(149)
  expect(doubts).toEqual([])
  await clock.advance(1)
  expect(doubts).toEqual([10_150])
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

test('how long an answer took is told', async () => {
  const { clock, answers, heartbeat } = begin()
  heartbeat.probe()
  await clock.advance(120)
  heartbeat.answered(1)
  heartbeat.answered(1)
  expect(answers).toEqual([120])
})

test('what says as much as an answer need not name the question', async () => {
  const { clock, deaths, answers, heartbeat } = begin()
  heartbeat.answered()
  heartbeat.probe()
  heartbeat.answered()
  await clock.advance(10_000)
  expect(answers).toEqual([0])
  expect(deaths).toEqual([])
})

test('a timer that comes late proves no silence: the link is asked, and has 1 s', async () => {
  const { clock, deaths, pings } = begin()
  clock.sleep(60_000)
  await clock.advance(0)
  expect(pings).toEqual([1])
  await clock.advance(999)
  expect(deaths).toEqual([])
  await clock.advance(1)
  expect(deaths).toEqual(['silent'])
})

test('a link that speaks in the second after a late timer lives', async () => {
  const { clock, deaths, heartbeat } = begin()
  clock.sleep(60_000)
  await clock.advance(500)
  heartbeat.heard()
  await clock.advance(24_000)
  expect(deaths).toEqual([])
})

test('a second late timer in a row proves it', async () => {
  const { clock, deaths } = begin()
  clock.sleep(60_000)
  await clock.advance(0)
  clock.sleep(60_000)
  await clock.advance(0)
  expect(deaths).toEqual(['silent'])
})

test('a timer that is less than 1 s late is on time', async () => {
  const { clock, deaths } = begin()
  await clock.advance(24_999)
  clock.sleep(1_000)
  await clock.advance(0)
  expect(deaths).toEqual(['silent'])
})

test('a probe whose timer comes late has 1 s more', async () => {
  const { clock, deaths, heartbeat } = begin()
  heartbeat.probe()
  clock.sleep(10_000)
  await clock.advance(999)
  expect(deaths).toEqual([])
  await clock.advance(1)
  expect(deaths).toEqual(['unanswered'])
})

test('a probe whose timer comes late twice is unanswered', async () => {
  const { clock, deaths, heartbeat } = begin()
  heartbeat.probe()
  clock.sleep(10_000)
  await clock.advance(0)
  clock.sleep(10_000)
  await clock.advance(0)
  expect(deaths).toEqual(['unanswered'])
})

test('a clock that is set ahead kills no link that answers', async () => {
  const { clock, deaths, pings, heartbeat } = begin()
  clock.set(3_600_000)
  await clock.advance(5_100)
  expect(pings).toHaveLength(1)
  heartbeat.heard()
  await clock.advance(20_000)
  expect(deaths).toEqual([])
})

test('a clock that is set back hides no silence', async () => {
  const { clock, deaths } = begin()
  await clock.advance(1_000)
  clock.set(-3_600_000)
  await clock.advance(30_000)
  expect(deaths).toEqual(['silent'])
})

test('a clock that is set back while a link brings its backlog kills nothing', async () => {
  const { clock, deaths, heartbeat } = begin()
  heartbeat.probe()
  clock.set(-3_600_000)
  await clock.advance(1_500)
  heartbeat.heard()
  await clock.advance(1_500)
  heartbeat.answered(1)
  await clock.advance(10_000)
  expect(deaths).toEqual([])
})
