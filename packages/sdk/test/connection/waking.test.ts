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

/** A network that takes nothing more after the first link. */
let taken = 0
function noNewLink({ wire }: { wire: { blackHole: () => void } }) {
  if (taken++ > 0) wire.blackHole()
}

test('on waking, a link that does not answer within 2 s is replaced at once', async () => {
  taken = 0
  const { client, clock, link, links, wake } = await setSession({ random: () => 0.999, accept: noNewLink }, 1)
  link.wire.blackHole()
  wake.signal('visible')
  await clock.advance(1_999)
  expect(link.closed()).toBeUndefined()
  expect(client.state).toEqual({ status: 'live' })
  await clock.advance(1)
  expect(client.state).toMatchObject({ status: 'connecting' })
  expect(links).toHaveLength(3)
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

test('on waking while the token is still awaited, nothing is dialled beside it', async () => {
  let give: ((token: string) => void) | undefined
  const { client, clock, links, wake } = setStage({ token: () => new Promise((resolve) => (give = resolve)) })
  client.session('s')
  await clock.settle()
  wake.signal('visible', 'focus', 'online')
  client.wake()
  await clock.settle()
  expect(client.state).toEqual({ status: 'connecting', attempt: 1 })
  give?.('late')
  await clock.settle()
  expect(links).toHaveLength(1)
})

test('on waking, a token that was asked for long ago is asked for again at once', async () => {
  let asked = 0
  const token = () => new Promise<string>(() => (asked += 1))
  const { client, clock, wake } = setStage({ random: () => 0.999, token })
  client.session('s')
  await clock.settle()
  clock.sleep(29_999)
  wake.signal('visible')
  await clock.settle()
  expect(asked).toBe(1)
  clock.sleep(1)
  wake.signal('visible')
  await clock.settle()
  expect(asked).toBe(2)
})

test('an error while nobody looks is no error: the state says hidden, and the return resumes', async () => {
  const stage = await setSession(undefined, 1)
  const { client, clock, link, wake, links, session } = stage
  const seen = statuses(stage)
  const errors: unknown[] = []
  client.on('error', (error) => errors.push(error))
  wake.state.hidden = true
  wake.signal('hidden')
  link.wire.cut()
  await clock.advance(600_000)
  expect(seen).toEqual([{ status: 'paused', reason: 'hidden' }])
  expect([errors, session.state.failure]).toEqual([[], undefined])
  wake.state.hidden = false
  wake.signal('visible')
  await clock.settle()
  expect(links).toHaveLength(2)
})

test('a page that sleeps without a signal finds a dead link by its late timer', async () => {
  const { clock, link, links } = await setSession(undefined, 1)
  link.wire.blackHole()
  clock.sleep(600_000)
  await clock.advance(999)
  expect(links).toHaveLength(1)
  await clock.advance(2)
  expect(links).toHaveLength(2)
})

test('a page that was stopped and goes on keeps a link that still speaks', async () => {
  const { client, clock, link, links, session } = await setSession(undefined, 1)
  clock.sleep(40_000)
  const late = clock.advance(500)
  await link.says(batch('s', 2))
  await late
  await clock.advance(5_000)
  expect(links).toHaveLength(1)
  expect(client.state).toEqual({ status: 'live' })
  expect(session.state.custom).toEqual({ note: 2 })
})

test('a clock that is set ahead loses no link that answers', async () => {
  const { clock, link, links, log } = await setSession(undefined, 1)
  clock.set(3_600_000)
  await clock.advance(5_000)
  const { n } = await link.hears('ping')
  await link.says({ type: 'pong', n })
  await clock.advance(10_000)
  expect(links).toHaveLength(1)
  expect(log.map(({ type }) => type)).not.toContain('lost')
})

test('a clock that is set back freezes no wait', async () => {
  const { client, clock, link, links } = await setSession({ random: () => 0.999 }, 1)
  link.wire.cut()
  await clock.settle()
  expect(client.state.status).toBe('waiting')
  clock.set(-3_600_000)
  await clock.advance(1_000)
  expect(links).toHaveLength(2)
})

test('a clock that is set back freezes no wait that the server asked for', async () => {
  const { clock, link, links } = await setSession(undefined, 1)
  await link.says({ type: 'bye', reason: 'shutdown', retryMs: 3_000 })
  clock.set(-3_600_000)
  link.socket.close(4001, 'shutdown')
  await clock.advance(2_999)
  expect(links).toHaveLength(1)
  await clock.advance(3_002)
  expect(links).toHaveLength(2)
})

test('a clock that is set back does not end the tries while offline', async () => {
  const { clock, link, links, wake } = await setSession({ accept: ({ wire }, { state }) => state.offline && wire.cut() }, 1)
  wake.state.offline = true
  link.wire.cut()
  await clock.settle()
  clock.set(-3_600_000)
  await clock.advance(60_000)
  expect(links.length).toBeGreaterThan(1)
})

test('a signal while a good link answers another one asks nothing more', async () => {
  const { clock, link, wake } = await setSession(undefined, 1)
  wake.signal('visible')
  await clock.advance(50)
  wake.signal('focus')
  await clock.settle()
  expect(link.heard.filter(({ type }) => type === 'ping')).toHaveLength(1)
})

test('a page that thaws, and hears then that its link is dead, dials at once', async () => {
  const { clock, link, links, wake } = await setSession({ random: () => 0.999 }, 1)
  clock.sleep(12_000)
  wake.signal('resume', 'visible', 'focus')
  link.wire.cut()
  await clock.settle()
  expect(links).toHaveLength(2)
})
