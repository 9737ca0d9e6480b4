import type { SentMessage } from '@throughline/sdk/protocol'
import { expect, test } from 'vitest'
import type { AgentFunction } from '../../src/agent/contract.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { turn } from '../manual-timers.ts'
import { until } from '../until.ts'
import { ANN, serving, type Serving } from './serving.ts'
import { openStream } from './streaming.ts'

function post({ app }: Serving, payload: unknown, headers: Readonly<Record<string, string>> = ANN) {
  return app.inject({
    method: 'POST',
    url: '/v1/frames',
    headers: { 'content-type': 'application/json', ...headers },
    payload: JSON.stringify(payload),
  })
}

function send(session: string, id: string, content = 'hi') {
  return { type: 'send', id, session, message: { id, role: 'user', content } satisfies SentMessage } as const
}

test('commands are answered in the order in which they stand', async () => {
  const server = await serving()
  const [one, two] = [await server.session(), await server.session()]
  const answer = await post(server, [
    send(one, 'm1'),
    { type: 'stop', id: 'c1', session: two, run: 'r' },
    { type: 'unqueue', id: 'c2', session: two, message: 'm' },
    { type: 'answer', id: 'c3', session: two, interrupt: 'i', status: 'cancelled' },
  ])
  expect(answer.statusCode).toBe(200)
  expect(answer.json()).toEqual([
    { type: 'accepted', id: 'm1', result: { run: expect.any(String) } },
    { type: 'accepted', id: 'c1', result: { stopped: false, reason: 'not_running' } },
    { type: 'accepted', id: 'c2', result: { removed: false } },
    { type: 'refused', id: 'c3', session: two, code: 'interrupt_closed', message: expect.any(String) },
  ])
})

test('a stream of the same client shows what they did', async () => {
  const server = await serving()
  const id = await server.session()
  const stream = await openStream(server, [{ type: 'attach', id: 'a1', session: id }])
  await stream.hear('attached')
  await post(server, [send(id, 'm1')])
  await until(() => expect(JSON.stringify(stream.unheard())).toContain('RUN_FINISHED'))
})

test('those to one session take effect in their order, however long the store takes for each', async () => {
  const store = createMemoryStore()
  const server = await serving({ store })
  const id = await server.session()
  const find = store.find.bind(store)
  const delays = [5, 3, 0]
  store.find = async (wanted) => {
    for (let left = delays.shift() ?? 0; left > 0; left--) await turn()
    return find(wanted)
  }
  await post(server, [send(id, 'm1'), send(id, 'm2'), send(id, 'm3')])
  await until(async () => expect(await server.host.entry('ann', id)).toMatchObject({ status: 'idle', last: { outcome: 'success' } }))
  const { messages } = await server.host.messages('ann', id, {})
  expect(messages.filter(({ role }) => role === 'user').map((message) => message.id)).toEqual(['m1', 'm2', 'm3'])
})

test('a command that is sent again has its effect once', async () => {
  const server = await serving()
  const id = await server.session()
  const [first, second] = [await post(server, [send(id, 'm1')]), await post(server, [send(id, 'm1')])]
  expect(second.json()).toEqual(first.json())
})

test('what is wrong with one is refused in its place, and the others are carried out', async () => {
  const server = await serving()
  const id = await server.session()
  const answer = await post(server, [
    { type: 'stop', id: 'c1', session: id },
    { type: 'later', id: 'c2', session: id },
    { type: 'attach', id: 'a1', session: id },
    { ...send(id, 'm1'), more: 'x'.repeat(server.host.limits.frameBytes) },
    send('none', 'm2'),
    { ...send(id, 'm3'), deep: Array.from({ length: 200 }).reduce((inner) => [inner], []) },
    send(id, 'm4'),
  ])
  expect(answer.statusCode).toBe(200)
  expect(answer.json()).toMatchObject([
    { type: 'refused', id: 'c1', session: id, code: 'invalid' },
    { type: 'refused', id: 'c2', session: id, code: 'unknown_type' },
    { type: 'refused', id: 'a1', session: id, code: 'invalid' },
    { type: 'refused', id: 'm1', session: id, code: 'too_large' },
    { type: 'refused', id: 'm2', session: 'none', code: 'session_not_found' },
    { type: 'refused', id: 'm3', session: id, code: 'invalid' },
    { type: 'accepted', id: 'm4' },
  ])
})

test('what a socket takes is taken, whatever names its fields have', async () => {
  const server = await serving()
  const id = await server.session()
  const payload = JSON.stringify([{ ...send(id, 'm1'), input: { state: {} } }]).replace('{"state":{}}', '{"state":{"__proto__":{"a":1}}}')
  const answer = await server.app.inject({
    method: 'POST',
    url: '/v1/frames',
    headers: { ...ANN, 'content-type': 'application/json' },
    payload,
  })
  expect(answer.statusCode).toBe(200)
  expect(answer.json()).toMatchObject([{ type: 'accepted', id: 'm1' }])
})

test('a stop waits for no send that waits for a run to end', async () => {
  let isStopping = false
  const stubborn: AgentFunction = async function* ({ signal }) {
    signal.addEventListener('abort', () => (isStopping = true))
    await new Promise(() => {})
  }
  const server = await serving({ run: stubborn })
  const id = await server.session()
  const [{ result }] = (await post(server, [send(id, 'm1')])).json()
  const waiting = post(server, [{ ...send(id, 'm2'), replaces: 'm1', whenBusy: 'interrupt' }])
  await until(() => expect(isStopping).toBe(true))
  expect((await post(server, [{ type: 'stop', id: 'c1', session: id, run: result.run }])).json()).toMatchObject([
    { type: 'accepted', id: 'c1' },
  ])
  await server.timers.advance(10_000)
  expect((await waiting).json()).toMatchObject([{ type: 'accepted', id: 'm2', result: { run: expect.any(String) } }])
})

test.each<[string, unknown]>([
  ['no array', { type: 'stop', id: 'c1', session: 's', run: 'r' }],
  ['an empty array', []],
  ['an array with what is no object', ['stop']],
  ['more than 200 frames', Array.from({ length: 201 }, (_, n) => ({ type: 'stop', id: `c${n}`, session: 's', run: 'r' }))],
])('a body of %s is invalid, and nothing of it is done', async (_rule, body) => {
  const answer = await post(await serving({ limits: { commandsPerMinute: 1_000 } }), body)
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toEqual({ code: 'invalid', message: expect.any(String) })
})

test('a body of many times the limit of a frame is too large', async () => {
  const server = await serving()
  const answer = await post(server, [send('s', 'm1', 'x'.repeat(16 * server.host.limits.frameBytes))])
  expect(answer.statusCode).toBe(413)
  expect(answer.json()).toMatchObject({ code: 'too_large' })
})

test('who gives too many is told when to come again; behind one that was too many none is carried out', async () => {
  const server = await serving({ limits: { commandsPerMinute: 2 } })
  const id = await server.session()
  const stop = (n: number) => ({ type: 'stop', id: `c${n}`, session: id, run: 'r' })
  const some = await post(server, [stop(1), stop(2), stop(3), stop(4)])
  expect(some.statusCode).toBe(200)
  expect(some.json()).toMatchObject([
    { type: 'accepted', id: 'c1' },
    { type: 'accepted', id: 'c2' },
    { type: 'refused', id: 'c3', session: id, code: 'rate_limited', retryMs: 30_000 },
    { type: 'refused', id: 'c4', session: id, code: 'rate_limited', retryMs: 30_000 },
  ])
  const none = await post(server, [stop(3), stop(4)])
  expect(none.statusCode).toBe(429)
  expect(none.headers['retry-after']).toBe('30')
  expect(none.json()).toMatchObject({ code: 'rate_limited' })
})

test('none is carried out behind one that was too many, although time passes', async () => {
  const server = await serving({ limits: { commandsPerMinute: 2 } })
  const id = await server.session()
  let now = server.timers.now()
  server.timers.now = () => (now += 10_000)
  const stop = (n: number) => ({ type: 'stop', id: `c${n}`, session: id, run: 'r' })
  const answers = (
    await post(
      server,
      Array.from({ length: 12 }, (_, n) => stop(n)),
    )
  ).json<{ readonly type: string }[]>()
  const types = answers.map(({ type }) => type)
  expect(types).toContain('refused')
  expect(types.slice(types.indexOf('refused'))).not.toContain('accepted')
})

test('nobody without a token gives commands, and no foreign page', async () => {
  const server = await serving({ origins: ['https://app.example.com'] })
  const body = [{ type: 'stop', id: 'c1', session: 's', run: 'r' }]
  expect((await post(server, body, {})).statusCode).toBe(401)
  const foreign = { ...ANN, host: 'agents.example.com', origin: 'https://evil.example.com' }
  expect((await post(server, body, foreign)).statusCode).toBe(403)
})
