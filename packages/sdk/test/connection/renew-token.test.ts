import { expect, test } from 'vitest'
import { setSession, setStage, snapshot, statuses } from '../stage.ts'

/** A live client whose first token expires so long after the welcome; the test gives the later ones. */
async function begin(leftMs: number, later: () => string | undefined | Promise<string | undefined> = () => 'fresh') {
  let asked = 0
  const stage = setStage({ token: () => (asked++ === 0 ? 'first' : later()) })
  const session = stage.client.session('s')
  const link = await stage.welcomed({ expiresAt: stage.clock.now() + 1 + leftMs })
  const { id } = await link.hears('attach')
  await link.says(snapshot(id, 's', 0))
  const tokens = () => link.heard.filter(({ type }) => type === 'token')
  return { ...stage, session, link, tokens, asked: () => asked }
}

test('a fresh token goes out when 80 % of the time of the old one is over', async () => {
  const { clock, tokens, link } = await begin(100_000)
  await keepAlive(link, clock, 79_999)
  expect(tokens()).toEqual([])
  await clock.advance(1)
  expect(tokens()).toMatchObject([{ token: 'fresh' }])
})

test('a fresh token goes out at least 5 s before the old one expires', async () => {
  const { clock, tokens } = await begin(12_000)
  await clock.advance(6_999)
  expect(tokens()).toEqual([])
  await clock.advance(1)
  expect(tokens()).toHaveLength(1)
})

test('a token that expires in a moment is not asked for without a pause', async () => {
  const { clock, tokens } = await begin(2_000)
  await clock.advance(999)
  expect(tokens()).toEqual([])
  await clock.advance(1)
  expect(tokens()).toHaveLength(1)
})

test('the link goes on with the fresh token, and the next one is planned by its expiry', async () => {
  const stage = await begin(10_000)
  const { clock, link, tokens, client, links } = stage
  const seen = statuses(stage)
  await clock.advance(5_000)
  const { id } = await link.hears('token')
  await link.says({ type: 'accepted', id, result: { expiresAt: clock.now() + 20_000 } })
  await clock.advance(14_999)
  expect(tokens()).toHaveLength(1)
  await clock.advance(1)
  expect(tokens()).toHaveLength(2)
  expect(links).toHaveLength(1)
  expect(client.state).toEqual({ status: 'live' })
  expect(seen).toEqual([])
})

test('a token that never expires is not renewed', async () => {
  const { clock, link, tokens, log } = await begin(10_000)
  await clock.advance(5_000)
  const { id } = await link.hears('token')
  await link.says({ type: 'accepted', id, result: {} })
  await keepAlive(link, clock, 200_000)
  expect(tokens()).toHaveLength(1)
  expect(log.flatMap((record) => (record.type === 'token' ? record.outcome : []))).toEqual(['sent', 'accepted'])
})

test('a clock by which the token has expired already plans nothing: the server has just taken it', async () => {
  const { clock, tokens, asked } = await begin(-60_000)
  await clock.advance(20_000)
  expect(tokens()).toEqual([])
  expect(asked()).toBe(1)
})

test('where the app gives no token, or fails to, the link lives until the server ends it, and the next dial asks again', async () => {
  const answers = [() => Promise.reject(new Error('the login server is down')), () => 'third']
  const { clock, link, links, log, newest } = await begin(10_000, () => answers.shift()?.())
  await clock.advance(9_000)
  expect(log).toContainEqual(expect.objectContaining({ type: 'token', outcome: 'missing' }))
  expect(links).toHaveLength(1)
  link.socket.close(4002, 'token_expired')
  expect((await newest()).heard[0]).toMatchObject({ type: 'hello', token: 'third' })
})

test('a token of somebody else is dialled with anew, at once', async () => {
  const { clock, link, links, log } = await begin(10_000)
  await clock.advance(5_000)
  const { id } = await link.hears('token')
  await link.says({ type: 'refused', id, code: 'forbidden', message: 'of another principal' })
  expect(links).toHaveLength(2)
  expect(log).toContainEqual(expect.objectContaining({ type: 'lost', code: 1000, reason: 'principal' }))
})

test('a refusal for now keeps the link', async () => {
  const { clock, link, links } = await begin(10_000)
  await clock.advance(5_000)
  const { id } = await link.hears('token')
  await link.says({ type: 'refused', id, code: 'unavailable', message: 'later', retryMs: 1_000 })
  await clock.advance(2_000)
  expect(links).toHaveLength(1)
})

test('answers to other commands are none to a token', async () => {
  const { clock, link, links } = await begin(10_000)
  await clock.advance(5_000)
  await link.hears('token')
  await link.says({ type: 'refused', id: 'other', code: 'forbidden', message: 'no' })
  expect(links).toHaveLength(1)
})

test('a token that comes after the link was lost goes nowhere', async () => {
  let give: ((token: string) => void) | undefined
  const { clock, link, links, welcomed } = await begin(10_000, () => new Promise((resolve) => (give = resolve)))
  await clock.advance(5_000)
  const giveOld = give
  link.wire.cut()
  await clock.advance(1)
  give?.('third')
  const next = await welcomed()
  giveOld?.('second')
  await clock.settle()
  expect(links).toHaveLength(2)
  expect(next.heard.map(({ type }) => type)).not.toContain('token')
})

test('an expiry that is years away needs no timer that is too long for the platform', async () => {
  const delays: number[] = []
  const stage = await setSession()
  const { setTimeout } = stage.clock.timers
  Object.assign(stage.clock.timers, {
    setTimeout: (callback: () => void, ms: number) => {
      delays.push(ms)
      return setTimeout(callback, ms)
    },
  })
  stage.link.wire.cut()
  await stage.welcomed({ expiresAt: stage.clock.now() + 10 * 365 * 86_400_000 })
  await stage.clock.settle()
  expect(Math.max(...delays)).toBe(2_147_483_647)
  stage.client.close()
})

/** Lets time pass on a link that is pinged meanwhile. */
async function keepAlive(link: Awaited<ReturnType<typeof begin>>['link'], clock: Awaited<ReturnType<typeof begin>>['clock'], ms: number) {
  for (let left = ms; left > 0; left -= 10_000) {
    await clock.advance(Math.min(left, 10_000))
    await link.says({ type: 'ping', n: 1, sent: {} })
  }
}
