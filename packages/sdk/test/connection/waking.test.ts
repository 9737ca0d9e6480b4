import { expect, test } from 'vitest'
import { batch, setSession, setStage, statuses } from '../stage.ts'

test('a hidden page dials nothing and shows no error', async () => {
  const stage = setStage()
  const seen = statuses(stage)
  stage.wake.state.hidden = true
  const session = stage.client.session('s')
  await stage.clock.advance(600_000)
  expect(stage.links).toHaveLength(0)
  expect(seen).toEqual([{ status: 'paused', reason: 'hidden' }])
  expect(session.state.failure).toBeUndefined()
})

test('a page that is hidden while it waits stops waiting, and dials at once when it is seen again', async () => {
  const { client, clock, link, links, wake } = await setSession({ random: () => 0.5 }, 1)
  link.wire.cut()
  await clock.settle()
  wake.state.hidden = true
  wake.signal('hidden')
  await clock.advance(60_000)
  expect(client.state).toEqual({ status: 'paused', reason: 'hidden' })
  expect(links).toHaveLength(1)
  wake.state.hidden = false
  wake.signal('visible')
  await clock.settle()
  expect(links).toHaveLength(2)
})

test('a hidden page keeps a link that lives', async () => {
  const { client, clock, session, link, wake } = await setSession(undefined, 1)
  wake.state.hidden = true
  wake.signal('hidden')
  await link.says(batch('s', 2))
  await clock.settle()
  expect(client.state).toEqual({ status: 'live' })
  expect(session.state.custom).toEqual({ note: 2 })
})

test('offline, one dial is tried each 30 s', async () => {
  const { client, clock, links, wake, session, link } = await setSession(
    { accept: ({ wire }, { state }) => state.offline && wire.cut() },
    1,
  )
  const times: number[] = []
  client.on('log', ({ type, at }) => type === 'dial' && times.push(at))
  await clock.advance(20_000)
  wake.state.offline = true
  link.wire.cut()
  await clock.settle()
  expect(client.state).toEqual({ status: 'paused', reason: 'offline' })
  await clock.advance(100_000)
  expect(links).toHaveLength(5)
  const [first = 0, second = 0, third = 0] = times
  expect([second - first, third - second]).toEqual([30_000, 30_000])
  expect(session.state.failure).toBeUndefined()
})

test('back online, the client dials at once', async () => {
  const { clock, link, links, wake } = await setSession(undefined, 1)
  wake.state.offline = true
  link.wire.cut()
  await clock.advance(1_000)
  expect(links).toHaveLength(1)
  wake.state.offline = false
  wake.signal('online')
  await clock.settle()
  expect(links).toHaveLength(2)
})

test('the app may insist although the platform says offline', async () => {
  const { client, clock, link, links, wake } = await setSession(undefined, 1)
  wake.state.offline = true
  link.wire.cut()
  await clock.settle()
  client.wake()
  await clock.settle()
  expect(links).toHaveLength(2)
})

test('a wake signal cuts a wait short', async () => {
  const { clock, link, links, wake } = await setSession({ random: () => 0.999 }, 1)
  link.wire.cut()
  await clock.settle()
  expect(links).toHaveLength(1)
  wake.signal('focus')
  await clock.settle()
  expect(links).toHaveLength(2)
})

test('on waking, a link that answers the probe stays', async () => {
  const { client, clock, link, links, wake } = await setSession(undefined, 1)
  wake.signal('visible')
  const { n } = await link.hears('ping')
  await link.says({ type: 'pong', n })
  await clock.advance(5_000)
  expect(links).toHaveLength(1)
  expect(client.state).toEqual({ status: 'live' })
})

test('on waking, a link that does not answer within 2 s is replaced at once', async () => {
  const { clock, link, links, wake } = await setSession({ random: () => 0.999 }, 1)
  link.wire.blackHole()
  wake.signal('visible')
  await clock.advance(1_999)
  expect(links).toHaveLength(1)
  await clock.advance(1)
  expect(links).toHaveLength(2)
})

test('on waking, a link that heard nothing for 25 s by the clock is replaced at once', async () => {
  const { clock, link, links, wake } = await setSession({ random: () => 0.999 }, 1)
  clock.sleep(25_000)
  wake.signal('visible')
  await clock.settle()
  expect(links).toHaveLength(2)
  expect(link.heard.map(({ type }) => type)).not.toContain('ping')
})

test('a page from the back/forward cache replaces its link at once', async () => {
  const { clock, links, wake } = await setSession({ random: () => 0.999 }, 1)
  wake.signal('bfcache')
  await clock.settle()
  expect(links).toHaveLength(2)
})

test('several wake signals in one tick are one check', async () => {
  const { clock, link, links, wake, log } = await setSession(undefined, 1)
  wake.signal('resume', 'visible', 'focus', 'pageshow', 'online')
  await clock.settle()
  expect(link.heard.filter(({ type }) => type === 'ping')).toHaveLength(1)
  expect(log.filter(({ type }) => type === 'probe')).toHaveLength(1)
  expect(links).toHaveLength(1)
})

test('several wake signals that find a dead link are one dial', async () => {
  const { clock, links, wake } = await setSession(undefined, 1)
  clock.sleep(60_000)
  wake.signal('resume', 'visible', 'bfcache', 'focus', 'online')
  await clock.settle()
  wake.signal('bfcache')
  await clock.settle()
  expect(links).toHaveLength(2)
})

test('on waking, a link with an unanswered attach is not probed', async () => {
  const { client, clock, link, links, wake } = await setSession(undefined, 1)
  client.session('other')
  await link.hears('attach')
  wake.signal('visible')
  await clock.advance(10_000)
  expect(link.heard.map(({ type }) => type)).not.toContain('ping')
  expect(links).toHaveLength(1)
})

test('on waking, a dial under way is left to its deadline, by the clock', async () => {
  const { client, clock, links, wake } = setStage({ accept: (link) => link.wire.blackHole() })
  client.session('s')
  await clock.settle()
  wake.signal('visible')
  await clock.settle()
  expect(links).toHaveLength(1)
  clock.sleep(8_000)
  wake.signal('visible')
  await clock.settle()
  expect(links).toHaveLength(2)
})
