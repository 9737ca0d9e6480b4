import { expect, test } from 'vitest'
import { batch, setSession, type StagedLink } from '../stage.ts'

type Options = NonNullable<Parameters<typeof setSession>[0]>

/** A session whose link went dead without an event, just before a wake signal. `accept` says what becomes of the sockets after it. */
async function wakeDead({ accept, ...options }: Options = {}) {
  let links = 0
  const stage = await setSession({ random: () => 0.999, accept: (...args) => void (links++ > 0 && accept?.(...args)), ...options }, 1)
  stage.link.wire.blackHole()
  stage.wake.signal('visible')
  const outcomes = () => stage.log.flatMap((record) => (record.type === 'spare' ? [record.outcome] : []))
  return { ...stage, outcomes }
}

const isOver = ({ socket }: StagedLink | undefined = never()) => socket.readyState === socket.CLOSED || socket.readyState === socket.CLOSING

function never(): never {
  throw new Error('no such link')
}

test('a link that is dead without an event is replaced 150 ms after waking, by a socket that is open', async () => {
  const { clock, links, outcomes } = await wakeDead()
  await clock.advance(149)
  expect(links).toHaveLength(1)
  await clock.advance(1)
  expect(links).toHaveLength(2)
  expect(links[1]?.heard.map(({ type }) => type)).toEqual(['hello', 'attach'])
  expect(outcomes()).toEqual(['dialled', 'taken'])
})

test('a spare says no hello while the link may still answer, and is closed when it does', async () => {
  const { clock, link, links, wake, client } = await setSession(undefined, 1)
  link.wire.hold('toClient')
  wake.signal('visible')
  const { n } = await link.hears('ping')
  await clock.advance(149)
  const turn = clock.advance(1)
  link.socket.send(JSON.stringify({ type: 'pong', n }))
  link.wire.release()
  await turn
  await clock.advance(5_000)
  expect(client.state).toEqual({ status: 'live' })
  expect(links.slice(1).every((one) => isOver(one) && one.heard.length === 0)).toBe(true)
})

test('a link that answers before the spare is open keeps its place', async () => {
  const { clock, link, links, wake, client, log } = await setSession({ accept: late() }, 1)
  wake.signal('visible')
  const { n } = await link.hears('ping')
  await clock.advance(300)
  expect(links).toHaveLength(2)
  await link.says({ type: 'pong', n })
  await clock.advance(5_000)
  expect(client.state).toEqual({ status: 'live' })
  expect([isOver(link), links[1]?.heard]).toEqual([false, []])
  expect(log).toContainEqual(expect.objectContaining({ type: 'spare', outcome: 'dropped' }))
})

test('a spare that opens while the link brings frames waits, until nothing comes for 150 ms', async () => {
  const { clock, link, links, wake } = await setSession({ accept: late() }, 1)
  wake.signal('visible')
  await clock.advance(200)
  await link.says(batch('s', 2))
  links[1]?.wire.release()
  await clock.advance(149)
  expect([isOver(link), links[1]?.heard]).toEqual([false, []])
  await clock.advance(1)
  expect(isOver(link)).toBe(true)
  expect(links).toHaveLength(2)
  expect(links[1]?.heard.map(({ type }) => type)).toEqual(['hello', 'attach'])
})

test('a spare that the link leaves waiting is dropped after 5 s', async () => {
  const { clock, link, links, wake } = await setSession({ accept: late() }, 1)
  wake.signal('visible')
  await clock.advance(200)
  for (let seq = 2; seq < 52; seq += 1) {
    await link.says(batch('s', seq))
    if (seq === 2) links[1]?.wire.release()
    await clock.advance(100)
  }
  expect([isOver(link), isOver(links[1])]).toEqual([false, true])
})

test.each(['hidden', 'offline'] as const)('nothing is dialled while %s', async (away) => {
  const { clock, links, wake } = await wakeDead()
  wake.state[away] = true
  await clock.advance(1_000)
  expect(links).toHaveLength(1)
})

test.each(['hidden', 'offline'] as const)('what was dialled is dropped when the page is %s', async (away) => {
  const { clock, link, links, wake, outcomes } = await wakeDead({ accept: ({ wire }) => wire.hold() })
  await clock.advance(200)
  wake.state[away] = true
  wake.signal(away)
  expect([isOver(link), outcomes()]).toEqual([false, ['dialled', 'dropped']])
  await clock.settle()
  links[1]?.wire.release()
  await clock.settle()
  expect(isOver(links[1])).toBe(true)
})

test('back online, a link that is still unanswered is doubted again', async () => {
  const { clock, links, wake } = await wakeDead()
  wake.state.offline = true
  await clock.advance(500)
  wake.state.offline = false
  wake.signal('online')
  await clock.advance(150)
  expect(links).toHaveLength(2)
})

test('nothing is dialled while the server asked for it', async () => {
  const { clock, link, links, wake } = await setSession(undefined, 1)
  await link.says({ type: 'bye', reason: 'shutdown', retryMs: 3_000 })
  wake.signal('visible')
  await clock.advance(1_000)
  expect(links).toHaveLength(1)
})

test('a spare outlives no client, and leaves no timer', async () => {
  const { client, clock, links } = await wakeDead({ accept: ({ wire }) => wire.hold() })
  await clock.advance(200)
  client.close()
  links[1]?.wire.release()
  await clock.settle()
  expect(links[1]?.heard).toEqual([])
  expect(links.slice(1).every(isOver)).toBe(true)
  expect(clock.pending).toBe(0)
})

test('a token for a spare that comes after the client was closed dials nothing', async () => {
  let give: ((token: string) => void) | undefined
  const tokens = [Promise.resolve('t'), new Promise<string>((resolve) => (give = resolve))]
  const { client, clock, links } = await wakeDead({ token: () => tokens.shift() })
  await clock.advance(200)
  client.close()
  give?.('late')
  await clock.settle()
  expect(links).toHaveLength(1)
})

test('a final close ends the spare too', async () => {
  const { clock, link, links, wake, client } = await setSession({ accept: late() }, 1)
  wake.signal('visible')
  await clock.advance(200)
  link.socket.close(4501, 'unauthorized')
  await clock.settle()
  links[1]?.wire.release()
  await clock.settle()
  expect(client.state).toMatchObject({ status: 'closed' })
  expect(isOver(links[1])).toBe(true)
  expect(clock.pending).toBe(0)
})

test('a spare that fails leaves the link its 2 s', async () => {
  const { client, clock, outcomes } = await wakeDead({ accept: ({ wire }) => wire.cut() })
  await clock.advance(1_999)
  expect(outcomes()).toEqual(['dialled', 'failed'])
  expect(client.state).toEqual({ status: 'live' })
})

/** Lets the first socket through, and holds the others until they are released. */
function late() {
  let count = 0
  return ({ wire }: StagedLink) => {
    if (count++ > 0) wire.hold('toClient')
  }
}
