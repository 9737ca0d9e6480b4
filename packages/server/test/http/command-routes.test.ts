import { expect, test } from 'vitest'
import type { AgentFunction } from '../../src/agent/contract.ts'
import { ANN, serving, type Serving } from './serving.ts'
import { until } from '../until.ts'

function post({ app }: Serving, url: string, payload: object) {
  return app.inject({ method: 'POST', url: `/v1/sessions/${url}`, headers: ANN, payload })
}

/** Works until it is stopped. */
const busy: AgentFunction = async function* ({ signal }) {
  await new Promise((resolve) => signal.addEventListener('abort', resolve))
  yield { type: 'CUSTOM', name: 'stopped', value: true }
}

/** Asks, and says what was answered. */
const asking: AgentFunction = async function* ({ ask }) {
  const answer = await ask({ message: 'Really?' })
  yield { type: 'CUSTOM', name: 'answer', value: answer }
}

test('a message is answered once its run has begun, by the id that it was given', async () => {
  const server = await serving()
  const id = await server.session()
  const answer = await post(server, `${id}/messages`, { message: { id: 'm1', role: 'user', content: 'hi' } })
  expect(answer.statusCode).toBe(200)
  expect(answer.json()).toEqual({ id: 'm1', result: { run: expect.any(String) } })
  expect((await server.host.read('ann', id)).snapshot.transcript.messages[0]).toMatchObject({ id: 'm1', by: 'ann' })
})

test('a message without an id gets one, which is its command’s', async () => {
  const server = await serving()
  const id = await server.session()
  const answer = await post(server, `${id}/messages`, { message: { role: 'user', content: 'hi' } })
  expect(answer.statusCode).toBe(200)
  expect((await server.host.read('ann', id)).snapshot.transcript.messages[0]?.id).toBe(answer.json().id)
})

test('the same id has its effect once', async () => {
  const server = await serving()
  const id = await server.session()
  const send = () => post(server, `${id}/messages`, { id: 'm1', message: { role: 'user', content: 'hi' } })
  const [first, second] = [await send(), await send()]
  expect(second.json()).toEqual(first.json())
  const other = await post(server, `${id}/messages`, { id: 'm1', message: { role: 'user', content: 'ho' } })
  expect(other.statusCode).toBe(409)
  expect(other.json()).toMatchObject({ code: 'id_conflict' })
})

test.each([
  ['no message', {}],
  ['a message of the agent', { message: { role: 'assistant', content: 'hi' } }],
  ['an id that is none', { id: 'a b', message: { role: 'user', content: 'hi' } }],
  ['two ids', { id: 'm1', message: { id: 'm2', role: 'user', content: 'hi' } }],
  ['an unknown whenBusy', { message: { role: 'user', content: 'hi' }, whenBusy: 'perhaps' }],
])('a send of %s is invalid', async (_rule, payload) => {
  const server = await serving()
  const answer = await post(server, `${await server.session()}/messages`, payload)
  expect(answer.statusCode).toBe(400)
  expect(answer.json()).toMatchObject({ code: 'invalid' })
})

test('the path names the session, whatever the body says', async () => {
  const server = await serving()
  const [id, other] = [await server.session(), await server.session()]
  await post(server, `${id}/messages`, { session: other, type: 'stop', message: { id: 'm1', role: 'user', content: 'hi' } })
  expect((await server.host.read('ann', id)).snapshot.transcript.messages[0]).toMatchObject({ id: 'm1' })
  expect((await server.host.read('ann', other)).snapshot.transcript.messages).toEqual([])
})

test('a busy session refuses where it was told to', async () => {
  const server = await serving({ run: busy })
  const id = await server.session()
  await post(server, `${id}/messages`, { message: { role: 'user', content: 'one' } })
  const answer = await post(server, `${id}/messages`, { message: { role: 'user', content: 'two' }, whenBusy: 'refuse' })
  expect(answer.statusCode).toBe(409)
  expect(answer.json()).toMatchObject({ code: 'busy' })
})

test('a run is stopped, and a late stop says that there was nothing', async () => {
  const server = await serving({ run: busy })
  const id = await server.session()
  const { run } = (await post(server, `${id}/messages`, { message: { role: 'user', content: 'hi' } })).json().result
  const answer = await post(server, `${id}/stop`, { run })
  expect(answer.statusCode).toBe(200)
  expect(answer.json()).toMatchObject({ result: { stopped: true } })
  await until(async () => expect(await server.host.entry('ann', id)).toMatchObject({ status: 'idle', last: { outcome: 'cancelled' } }))
  expect((await post(server, `${id}/stop`, { run })).json()).toMatchObject({ result: { stopped: false, reason: 'not_running' } })
})

test('a stop names what it stops', async () => {
  const server = await serving()
  expect((await post(server, `${await server.session()}/stop`, {})).statusCode).toBe(400)
})

test('a question is answered once', async () => {
  const server = await serving({ run: asking })
  const id = await server.session()
  await post(server, `${id}/messages`, { message: { role: 'user', content: 'hi' } })
  const interrupt = await until(async () => {
    await server.timers.advance(1)
    const [open] = (await server.host.read('ann', id)).snapshot.transcript.interrupts
    return open?.id ?? expect.fail('nothing is asked yet')
  })
  const answer = await post(server, `${id}/answers`, { interrupt, status: 'resolved', payload: { yes: true } })
  expect(answer.statusCode).toBe(200)
  await until(async () => {
    const { custom } = (await server.host.read('ann', id)).snapshot.transcript
    expect(custom).toMatchObject({ answer: { status: 'resolved', payload: { yes: true }, by: 'ann' } })
  })
  const late = await post(server, `${id}/answers`, { interrupt, status: 'cancelled' })
  expect(late.statusCode).toBe(409)
  expect(late.json()).toMatchObject({ code: 'interrupt_closed' })
})

test('commands over HTTP and over sockets share one limit', async () => {
  const server = await serving({ limits: { commandsPerMinute: 1 } })
  const id = await server.session()
  const link = await server.greeted()
  link.say({ type: 'stop', id: 'c1', session: id, run: 'r' })
  await link.hear('accepted')
  const answer = await post(server, `${id}/stop`, { run: 'r' })
  expect(answer.statusCode).toBe(429)
  expect(answer.headers['retry-after']).toBe('60')
})
