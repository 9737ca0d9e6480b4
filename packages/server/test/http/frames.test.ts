import type { SentMessage } from '@throughline/sdk/protocol'
import { expect, test, vi } from 'vitest'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { turn } from '../manual-timers.ts'
import { serving, type Dialogue } from './serving.ts'
import { until } from '../until.ts'

function send(session: string, id: string, content = 'hi') {
  return { type: 'send', id, session, message: { id, role: 'user', content } satisfies SentMessage } as const
}

async function isServed(link: Dialogue): Promise<void> {
  link.say({ type: 'ping', n: 99 })
  await link.hear('pong')
}

test('a session is attached, and what happens in it follows', async () => {
  const { greeted, session } = await serving()
  const id = await session()
  const link = await greeted()
  link.say({ type: 'attach', id: 'a1', session: id })
  expect(await link.hear('attached')).toMatchObject({ id: 'a1', session: id, head: 0, resumed: false, reason: 'no_cursor' })
  link.say(send(id, 'm1'))
  expect(await link.hear('accepted')).toMatchObject({ id: 'm1', result: { run: expect.any(String) } })
  await until(() => expect(JSON.stringify(link.unheard())).toContain('RUN_FINISHED'))
  const seqs = link.unheard().flatMap((frame) => (frame.type === 'batch' ? [[frame.from, frame.to]] : []))
  expect(seqs[0]?.[0]).toBe(1)
  for (const [n, [from]] of seqs.slice(1).entries()) expect(from).toBe((seqs[n]?.[1] ?? 0) + 1)
})

test('a cursor goes on where it was', async () => {
  const { greeted, session, host } = await serving()
  const id = await session()
  await host.command('ann', send(id, 'm1'))
  const { cursor } = await until(async () => {
    const { snapshot } = await host.read('ann', id)
    expect(snapshot.transcript.runs[0]?.state.status).toBe('success')
    return snapshot
  })
  const link = await greeted()
  link.say({ type: 'attach', id: 'a1', session: id, cursor })
  expect(await link.hear('attached')).toMatchObject({ resumed: true })
})

test('a snapshot larger than a piece arrives whole', async () => {
  const { greeted, session, host } = await serving()
  const id = await session()
  await host.command('ann', send(id, 'm1', 'ü'.repeat(50_000)))
  const link = await greeted()
  link.say({ type: 'attach', id: 'a1', session: id })
  expect(JSON.stringify(await link.hear('attached'))).toContain('ü'.repeat(50_000))
})

test('an attach to a session that is not one’s own is refused like one to none', async () => {
  const { greeted, session } = await serving()
  const id = await session('bob')
  const link = await greeted('ann-token')
  link.say({ type: 'attach', id: 'a1', session: id })
  link.say({ type: 'attach', id: 'a2', session: 'none' })
  const refused = [await link.hear('refused'), await link.hear('refused')]
  expect(refused).toMatchObject([
    { id: 'a1', session: id, code: 'session_not_found' },
    { id: 'a2', session: 'none', code: 'session_not_found' },
  ])
})

test('after a detach nothing of the session comes any more', async () => {
  const { greeted, session, host } = await serving()
  const id = await session()
  const link = await greeted()
  link.say({ type: 'attach', id: 'a1', session: id }, { type: 'detach', session: id })
  await link.hear('attached')
  await host.command('ann', send(id, 'm1'))
  await until(async () => expect((await host.entry('ann', id)).status).toBe('idle'))
  await isServed(link)
  expect(link.unheard()).toEqual([])
})

test('commands to one session take effect in their order, however long the store takes for each', async () => {
  const store = createMemoryStore()
  const { greeted, session, host } = await serving({ store })
  const id = await session()
  const find = store.find.bind(store)
  const delays = [5, 3, 0]
  store.find = async (wanted) => {
    for (let left = delays.shift() ?? 0; left > 0; left--) await turn()
    return find(wanted)
  }
  const link = await greeted()
  link.say(send(id, 'm1'), send(id, 'm2'), send(id, 'm3'))
  for (const command of ['m1', 'm2', 'm3']) expect(await link.hear('accepted')).toMatchObject({ id: command })
  await until(async () => expect(await host.entry('ann', id)).toMatchObject({ status: 'idle', last: { outcome: 'success' } }))
  const { messages } = await host.messages('ann', id, {})
  expect(messages.filter(({ role }) => role === 'user').map((message) => message.id)).toEqual(['m1', 'm2', 'm3'])
})

test('commands to different sessions do not wait for each other', async () => {
  const store = createMemoryStore()
  const { greeted, session } = await serving({ store })
  const [slow, quick] = [await session(), await session()]
  const find = store.find.bind(store)
  store.find = (wanted) => (wanted === slow ? new Promise(() => {}) : find(wanted))
  const link = await greeted()
  link.say(send(slow, 'm1'), send(quick, 'm2'))
  expect(await link.hear('accepted')).toMatchObject({ id: 'm2' })
})

/** An agent that does not care for being stopped: its runs end when the server loses patience. */
async function* stubborn(): AsyncGenerator<never> {
  await new Promise(() => {})
}

test('a stop waits for no send that waits for a run to end', async () => {
  const { greeted, session } = await serving({ run: stubborn })
  const id = await session()
  const link = await greeted()
  link.say(send(id, 'm1'))
  const { result } = await link.hear('accepted')
  link.say({ ...send(id, 'm2'), replaces: 'm1', whenBusy: 'interrupt' }, send(id, 'm3'))
  link.say({ type: 'stop', id: 'c1', session: id, ...(result as { readonly run: string }) })
  expect(await link.hear('accepted')).toMatchObject({ id: 'm3', result: { queued: 1 } })
  expect(await link.hear('accepted')).toMatchObject({ id: 'c1' })
  expect(link.unheard()).toEqual([])
})

test('nor does it overtake the send that it names', async () => {
  const store = createMemoryStore()
  const { greeted, session } = await serving({ store, run: stubborn })
  const id = await session()
  const find = store.find.bind(store)
  const delays = [5, 0]
  store.find = async (wanted) => {
    for (let left = delays.shift() ?? 0; left > 0; left--) await turn()
    return find(wanted)
  }
  const link = await greeted()
  link.say(send(id, 'm1'), { type: 'stop', id: 'c1', session: id, message: 'm1' })
  const answers = [await link.hear('accepted'), await link.hear('accepted')]
  expect(answers.find((answer) => answer.id === 'c1')).toMatchObject({ result: { stopped: true } })
})

test('a command that is refused says which, and why', async () => {
  const { greeted } = await serving()
  const link = await greeted()
  link.say(send('none', 'm1'))
  expect(await link.hear('refused')).toEqual({
    type: 'refused',
    id: 'm1',
    session: 'none',
    code: 'session_not_found',
    message: expect.any(String),
  })
})

test('a failure inside is refused as unavailable, without its words', async () => {
  const { greeted, host } = await serving()
  vi.spyOn(host, 'command').mockRejectedValue(new Error('secret'))
  const link = await greeted()
  link.say(send('s', 'm1'))
  const refused = await link.hear('refused')
  expect(refused).toMatchObject({ id: 'm1', code: 'unavailable' })
  expect(JSON.stringify(refused)).not.toContain('secret')
})

test('frames of unknown type are refused, however many, and the link is kept', async () => {
  const { greeted } = await serving()
  const link = await greeted()
  for (let n = 0; n < 5; n++) {
    link.say(JSON.stringify({ type: 'later', id: `x${n}`, session: 's' }))
    expect(await link.hear('refused')).toMatchObject({ id: `x${n}`, session: 's', code: 'unknown_type' })
  }
  await isServed(link)
})

test('three malformed frames in a row end the link; each was refused', async () => {
  const { greeted } = await serving()
  const link = await greeted()
  link.say('no json', JSON.stringify({ type: 'attach', id: 'a1' }))
  expect(await link.hear('refused')).toMatchObject({ code: 'invalid' })
  expect(await link.hear('refused')).toMatchObject({ code: 'invalid', id: 'a1' })
  await isServed(link)
  link.say('no json', JSON.stringify({ type: 'later' }), 'no json', '[]')
  expect(await link.closed()).toBe('4500 protocol')
  expect(link.unheard().map((frame) => frame.type === 'refused' && frame.code)).toEqual(['invalid', 'unknown_type', 'invalid', 'invalid'])
})

test('a frame over the limit is refused by its id, and the link is kept', async () => {
  const { greeted, session, host } = await serving()
  const id = await session()
  const link = await greeted()
  link.say(send(id, 'm1', 'x'.repeat(host.limits.frameBytes)))
  expect(await link.hear('refused')).toMatchObject({ id: 'm1', session: id, code: 'too_large' })
  await isServed(link)
})

test('a frame many times over the limit is not even read', async () => {
  const { greeted, session, host } = await serving()
  const id = await session()
  const link = await greeted()
  link.say(send(id, 'm1', 'x'.repeat(17 * host.limits.frameBytes)))
  expect(await link.closed()).toMatch(/^1009|^1006/)
})

test('binary frames are refused', async () => {
  const { greeted } = await serving()
  const link = await greeted()
  link.say(Buffer.from(JSON.stringify({ type: 'ping', n: 1 })))
  expect(await link.hear('refused')).toMatchObject({ code: 'invalid' })
})

test('a link watches 64 sessions and no more', async () => {
  const { greeted, session } = await serving({ limits: { sessionsPerLink: 2 } })
  const ids = [await session(), await session(), await session()]
  const link = await greeted()
  for (const [n, id] of ids.entries()) link.say({ type: 'attach', id: `a${n}`, session: id })
  expect(await link.hear('refused')).toMatchObject({ id: 'a2', session: ids[2], code: 'rate_limited' })
  expect(await link.hear('attached')).toMatchObject({ id: 'a0' })
  expect(await link.hear('attached')).toMatchObject({ id: 'a1' })
})

test('commands are limited by principal over all its links, and say when to come again; attaches are apart', async () => {
  const { greeted, session, timers } = await serving({ limits: { commandsPerMinute: 2 } })
  const id = await session()
  const [link, other, bob] = [await greeted(), await greeted(), await greeted('bob-token')]
  link.say(
    { type: 'stop', id: 'c1', session: id, run: 'r' },
    { type: 'attach', id: 'a1', session: id },
    { type: 'attach', id: 'a2', session: id },
  )
  other.say({ type: 'stop', id: 'c2', session: id, run: 'r' })
  await link.hear('accepted')
  await other.hear('accepted')
  link.say({ type: 'stop', id: 'c3', session: id, run: 'r' })
  expect(await link.hear('refused')).toMatchObject({ id: 'c3', session: id, code: 'rate_limited', retryMs: 30_000 })
  bob.say({ type: 'stop', id: 'c1', session: id, run: 'r' })
  expect(await bob.hear('refused')).toMatchObject({ code: 'session_not_found' })
  await timers.advance(14_000)
  link.say({ type: 'pong', n: 1 })
  other.say({ type: 'pong', n: 1 })
  await timers.advance(16_000)
  link.say({ type: 'stop', id: 'c3', session: id, run: 'r' })
  expect(await link.hear('accepted')).toMatchObject({ id: 'c3' })
})

test('a link that attaches without end is slowed down', async () => {
  const { greeted, session } = await serving({ limits: { sessionsPerLink: 1 } })
  const id = await session()
  const link = await greeted()
  for (let n = 0; n < 5; n++) link.say({ type: 'attach', id: `a${n}`, session: id })
  expect(await link.hear('refused')).toMatchObject({ id: 'a4', code: 'rate_limited', retryMs: 15_000 })
})

test('a link that floods is closed', async () => {
  const { greeted } = await serving()
  const link = await greeted()
  for (let n = 0; n < 3_000; n++) link.say({ type: 'pong', n })
  expect(await link.closed()).toBe('4013 rate_limited')
})

test('a client that asks and never reads is not read from either, and misses nothing when it reads again', async () => {
  const { greeted } = await serving()
  const link = await greeted()
  link.socket.pause()
  const long = 'x'.repeat(128)
  for (let n = 0; n < 2_000; n++) link.say(JSON.stringify({ type: 'later', id: long, session: long }))
  await until(async () => {
    const unreadBytes = link.socket.bufferedAmount
    await turn()
    expect(link.socket.bufferedAmount).toBe(unreadBytes)
  })
  expect(link.socket.bufferedAmount).toBeGreaterThan(0)
  link.socket.resume()
  await until(() => expect(link.unheard()).toHaveLength(2_000))
})
