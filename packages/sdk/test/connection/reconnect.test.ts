import { expect, test } from 'vitest'
import { batch, cursor, resumed, setSession, setStage, snapshot, statuses, welcome } from '../stage.ts'

test('nothing is dialled before something needs a link', async () => {
  const { client, clock, links } = setStage()
  await clock.advance(60_000)
  expect(client.state).toEqual({ status: 'idle' })
  expect(links).toHaveLength(0)
  // A timer would keep a process alive that only made a client.
  expect(clock.pending).toBe(0)
})

test('a session that is asked for makes the client connect', async () => {
  const stage = setStage()
  const seen = statuses(stage)
  stage.client.session('s')
  await stage.welcomed()
  expect(seen).toEqual([{ status: 'connecting', attempt: 1 }, { status: 'live' }])
})

test('welcome, attached and batches in one packet are taken in one turn', async () => {
  const { client, clock, links } = setStage()
  const session = client.session('s')
  await clock.settle()
  const [link] = links
  if (!link) throw new Error('no link')
  const { id } = await link.hears('attach')
  link.wire.hold('toClient')
  await link.says(welcome(), snapshot(id, 's', 3), batch('s', 4))
  expect(session.state.caughtUp).toBe(false)
  link.wire.flush('toClient')
  expect(session.state.caughtUp).toBe(true)
  expect(session.state.custom).toEqual({ note: 4 })
})

test('a lost link is dialled again, and the session goes on from its cursor', async () => {
  const { link, welcomed } = await setSession(undefined, 1)
  link.wire.cut()
  const next = await welcomed()
  expect((await next.hears('attach')).cursor).toBe(cursor(1))
})

test('losing a link clears nothing', async () => {
  const { client, session, link, clock, wake } = await setSession(undefined, 1)
  const { state } = session
  wake.state.hidden = true
  link.wire.cut()
  await clock.settle()
  expect(session.state).toBe(state)
  expect(session.state.caughtUp).toBe(true)
  expect(client.state.status).toBe('paused')
})

test('a client that waits says for what, until when, and why', async () => {
  const { client, clock, link } = await setSession({ random: () => 0.5 }, 1)
  link.wire.cut()
  await clock.settle()
  expect(client.state).toMatchObject({ status: 'waiting', attempt: 1, at: clock.now() + 250, reason: { code: 'unreachable' } })
})

test('dials that fail back off, and never end by themselves', async () => {
  const { client, clock, log } = setStage({ random: () => 0.5, accept: ({ wire }) => wire.cut() })
  client.session('s')
  await clock.settle()
  const delays: number[] = []
  const attempts: number[] = []
  for (let index = 0; index < 8; index++) {
    if (client.state.status !== 'waiting') throw new Error(`expected waiting, got ${client.state.status}`)
    attempts.push(client.state.attempt)
    delays.push(client.state.at - clock.now())
    await clock.advance(client.state.at - clock.now())
  }
  // The fallback has its first turn at once, in the place of attempt 4 and of attempt 8.
  expect(attempts).toEqual([2, 3, 5, 6, 7, 9, 10, 11])
  expect(delays).toEqual([250, 500, 2_000, 4_000, 8_000, 10_000, 10_000, 10_000])
  expect(log.filter(({ type }) => type === 'dial')).toHaveLength(12)
})

test('a fresh token is asked for at each dial', async () => {
  let count = 0
  const { link, newest } = await setSession({ token: async () => `token-${++count}` }, 1)
  expect(link.heard[0]).toMatchObject({ type: 'hello', token: 'token-1' })
  link.wire.cut()
  expect((await newest()).heard[0]).toMatchObject({ type: 'hello', token: 'token-2' })
})

test('a token that cannot be had, or does not come, is a failed attempt and no end', async () => {
  const answers = [
    () => Promise.reject(new Error('the login server is down')),
    () => new Promise<string>(() => {}),
    () => Promise.resolve('t'),
  ]
  const { client, clock, links } = setStage({ token: () => answers.shift()?.(), random: () => 0.5 })
  client.session('s')
  await clock.settle()
  expect(client.state).toMatchObject({ status: 'waiting', reason: { cause: { message: 'the login server is down' } } })
  await clock.advance(1_000)
  expect(client.state).toMatchObject({ status: 'connecting' })
  await clock.advance(31_000)
  expect(links).toHaveLength(1)
})

test('a token that comes around the moment the client is closed leaves no link behind', async () => {
  for (let microtasks = 0; microtasks < 12; microtasks++) {
    let give: ((token: string) => void) | undefined
    const { client, clock, links } = setStage({ token: () => new Promise((resolve) => (give = resolve)) })
    client.session('s')
    await clock.settle()
    give?.('just now')
    for (let index = 0; index < microtasks; index++) await Promise.resolve()
    client.close()
    await clock.settle()
    expect(links.every(({ socket }) => socket.readyState === socket.CLOSED)).toBe(true)
    expect(clock.pending).toBe(0)
  }
})

test('a token that comes after the client was closed dials nothing', async () => {
  let give: ((token: string) => void) | undefined
  const { client, clock, links } = setStage({ token: () => new Promise((resolve) => (give = resolve)) })
  client.session('s')
  await clock.settle()
  client.close()
  give?.('late')
  await clock.settle()
  expect(links).toHaveLength(0)
})

test('a final close ends the attempts, and says why', async () => {
  const { client, clock, links, link } = await setSession(undefined, 1)
  link.socket.close(4501, 'unauthorized')
  await clock.advance(600_000)
  expect(client.state).toMatchObject({ status: 'closed', reason: { code: 'unauthorized' } })
  expect(links).toHaveLength(1)
})

test('after a final close commands are rejected, not kept', async () => {
  const { session, clock, link } = await setSession(undefined, 1)
  const waiting = session.send('hi')
  link.socket.close(4501, 'unauthorized')
  await expect(waiting).rejects.toMatchObject({ code: 'unauthorized' })
  await clock.settle()
  await expect(session.send('again')).rejects.toMatchObject({ code: 'unauthorized' })
})

test('after a final close the app may try again', async () => {
  const { client, session, clock, wake, link, links, welcomed } = await setSession(undefined, 1)
  link.socket.close(4501, 'unauthorized')
  await clock.settle()
  wake.signal('visible', 'focus', 'online')
  await clock.settle()
  expect(links).toHaveLength(1)
  client.wake()
  const next = await welcomed()
  const { id } = await next.hears('attach')
  await next.says(resumed(id, 's', 2), batch('s', 2))
  expect(client.state).toEqual({ status: 'live' })
  expect(session.state.custom).toEqual({ note: 2 })
})

test('an expired token is refreshed once, not for ever', async () => {
  const { client, clock, link, newest } = await setSession(undefined, 1)
  await clock.advance(6_000)
  link.socket.close(4002, 'token_expired')
  const next = await newest()
  expect(next).not.toBe(link)
  next.socket.close(4002, 'token_expired')
  await clock.settle()
  expect(client.state).toMatchObject({ status: 'closed', reason: { code: 'unauthorized' } })
})

test('bye holds the next dial off for as long as it says, also against wake signals', async () => {
  const { clock, link, links, wake } = await setSession(undefined, 1)
  await link.says({ type: 'bye', reason: 'shutdown', retryMs: 3_000 })
  link.socket.close(4001, 'shutdown')
  await clock.settle()
  wake.signal('visible')
  await clock.advance(2_999)
  expect(links).toHaveLength(1)
  await clock.advance(1)
  expect(links).toHaveLength(2)
})

test('after bye the link stays until the server closes it, so that what runs can end', async () => {
  const { session, link, client } = await setSession(undefined, 1)
  await link.says({ type: 'bye', reason: 'shutdown', retryMs: 3_000 }, batch('s', 2))
  expect(session.state.custom).toEqual({ note: 2 })
  expect(client.state).toEqual({ status: 'live' })
})

test('a refusal of the whole link with retryMs holds the next dial off', async () => {
  const { clock, link, links, client } = await setSession(undefined, 1)
  client.on('error', () => {})
  await link.says({ type: 'refused', code: 'rate_limited', message: 'too many links', retryMs: 5_000 })
  link.socket.close(4013, 'rate_limited')
  await clock.advance(4_999)
  expect(links).toHaveLength(1)
  await clock.advance(2)
  expect(links).toHaveLength(2)
})

test('a server that drops every link it has welcomed is left alone for 60 s', async () => {
  const { client, clock, links, welcomed } = setStage()
  client.session('s')
  for (let index = 0; index < 5; index++) {
    const link = await welcomed()
    link.wire.cut()
  }
  await clock.advance(59_999)
  expect(links).toHaveLength(5)
  await clock.advance(1)
  expect(links).toHaveLength(6)
})

test('a link that nobody needs any more is not dialled again', async () => {
  const { client, clock, session, link, links } = await setSession(undefined, 1)
  session.detach()
  link.wire.cut()
  await clock.advance(600_000)
  expect(client.state).toEqual({ status: 'idle' })
  expect(links).toHaveLength(1)
})

function refuse(): never {
  throw new TypeError('mixed content')
}

test('a WebSocket class that throws is a failed attempt', async () => {
  const { client, clock } = setStage({
    random: () => 0.5,
    WebSocket: refuse as never,
  })
  client.session('s')
  await clock.settle()
  expect(client.state).toMatchObject({ status: 'waiting', reason: { code: 'unreachable', cause: { message: 'mixed content' } } })
})

test('closing ends the link and leaves no timer, in whatever state the client is', async () => {
  const living = await setSession(undefined, 1)
  living.wake.signal('visible')
  living.client.close()
  await living.clock.settle()
  expect(living.link.closed()).toMatchObject({ code: 1000 })
  expect(living.clock.pending).toBe(0)

  const waiting = await setSession({ random: () => 0.5 }, 1)
  waiting.link.wire.cut()
  await waiting.clock.settle()
  waiting.client.close()
  expect(waiting.clock.pending).toBe(0)

  const idle = setStage()
  idle.client.close()
  await idle.clock.settle()
  expect(idle.clock.pending).toBe(0)
  expect(idle.client.state).toMatchObject({ status: 'closed', reason: { code: 'closed' } })
})

test('a closed client stays closed', async () => {
  const { client, clock, links, wake } = await setSession(undefined, 1)
  client.close()
  client.wake()
  wake.signal('visible')
  await clock.advance(600_000)
  expect(links).toHaveLength(1)
  expect(client.state).toMatchObject({ status: 'closed', reason: { code: 'closed' } })
})

test('hello and the attaches leave together, and the welcome is not waited for', async () => {
  const { client, clock, links } = setStage()
  client.session('s')
  client.session('t')
  client.watch()
  await clock.settle()
  expect(links[0]?.heard.map(({ type }) => type)).toEqual(['hello', 'attach', 'attach', 'watch'])
  expect(client.state).toEqual({ status: 'connecting', attempt: 1 })
})

test('an attach that is answered long after the welcome is answered all the same', async () => {
  const { client, clock, links } = setStage()
  const session = client.session('s')
  await clock.settle()
  const [link] = links
  if (!link) throw new Error('no link')
  const { id } = await link.hears('attach')
  await link.says(welcome())
  expect(client.state).toEqual({ status: 'live' })
  await clock.advance(20_000)
  await link.says(snapshot(id, 's', 3))
  expect(session.state.caughtUp).toBe(true)
  expect(links).toHaveLength(1)
})

test('a session that is asked for between hello and welcome is attached once', async () => {
  const { client, clock, links, welcomed } = setStage()
  client.session('s')
  await clock.settle()
  client.session('t')
  const link = await welcomed()
  await clock.settle()
  expect(link.heard.flatMap((frame) => (frame.type === 'attach' ? frame.session : []))).toEqual(['s', 't'])
  expect(links).toHaveLength(1)
})

test('a session that is asked for while the socket opens is attached once', async () => {
  const { client, welcomed } = setStage({ accept: () => void client.session('t') })
  client.session('s')
  const link = await welcomed()
  expect(link.heard.flatMap((frame) => (frame.type === 'attach' ? frame.session : []))).toEqual(['s', 't'])
})

test('commands wait for the session to be attached, welcome or not', async () => {
  const { client, clock, welcomed } = setStage()
  const session = client.session('s')
  void session.send('hi').catch(() => {})
  const link = await welcomed()
  expect(link.heard.map(({ type }) => type)).toEqual(['hello', 'attach'])
  const { id } = await link.hears('attach')
  await link.says(snapshot(id, 's', 0))
  await clock.settle()
  expect(link.heard.map(({ type }) => type)).toEqual(['hello', 'attach', 'send'])
})

test('a link that did nothing good does not reset the back-off, however often it is welcome', async () => {
  const { client, welcomed } = setStage({ random: () => 0 })
  client.session('s')
  const attempts: number[] = []
  client.on('state', (state) => state.status === 'connecting' && attempts.push(state.attempt))
  for (let index = 0; index < 3; index += 1) (await welcomed()).wire.cut()
  await welcomed()
  expect(attempts.slice(0, 3)).toEqual([1, 2, 3])
})

test('a wake signal while a link is closed and dialled anew makes no second one', async () => {
  const { client, clock, links, wake, link } = await setSession(undefined, 1)
  link.wire.cut()
  wake.signal('visible')
  client.wake()
  await clock.settle()
  wake.signal('online')
  await clock.advance(5_000)
  expect(links).toHaveLength(2)
})

test('a link that the app closed is not opened again by what was under way', async () => {
  const { client, clock, links, session, wake } = await setSession(undefined, 1)
  const sent = expect(session.send('hi')).rejects.toMatchObject({ code: 'closed' })
  client.close()
  wake.signal('visible')
  await clock.advance(60_000)
  await sent
  expect(links).toHaveLength(1)
})

test('learning whose token it is makes no second link', async () => {
  const { clock, links } = await setSession(undefined, 1)
  await clock.advance(20_000)
  expect(links).toHaveLength(1)
})

test('a failed token says why in the log', async () => {
  const { client, clock, log } = setStage({ token: () => Promise.reject(new Error('the login server is down')) })
  client.session('s')
  await clock.settle()
  expect(log).toContainEqual(expect.objectContaining({ type: 'lost', code: 1006, reason: 'the login server is down' }))
})

test('a token that does not come is asked for again after 30 s, at once', async () => {
  let asked = 0
  const token = () => new Promise<string>(() => (asked += 1))
  const { client, clock, log } = setStage({ random: () => 0.999, token })
  client.session('s')
  await clock.advance(30_000)
  expect(asked).toBe(2)
  expect(log).toContainEqual(expect.objectContaining({ type: 'lost', reason: 'no token within 30 s' }))
})

test('whose token it was is told before the client is live, once, and again when it is another’s', async () => {
  const { client, welcomed } = setStage()
  client.session('s')
  const told: string[] = []
  client.on('principal', (principal) => told.push(`${principal}, ${client.state.status}`))
  for (const principal of ['ann', 'ann', 'bob']) {
    const link = await welcomed({ principal })
    const { id } = await link.hears('attach')
    await link.says(snapshot(id, 's', 1))
    link.wire.cut()
  }
  expect(told).toEqual(['ann, connecting', 'bob, connecting'])
})
