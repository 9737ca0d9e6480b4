import { once } from 'node:events'
import { request } from 'node:http'
import Fastify, { type FastifyReply } from 'fastify'
import { expect, onTestFinished, test, vi } from 'vitest'
import { openEventStream } from '../../src/http/event-stream.ts'
import { manualTimers, turn } from '../manual-timers.ts'
import { until } from '../until.ts'

/** A server that looks at a request for as long as the test wants before it answers with a stream, and a client that may leave. */
async function asking() {
  const onOver = vi.fn()
  const onGone = vi.fn()
  const timers = manualTimers()
  const app = Fastify()
  onTestFinished(() => app.close())
  let asked: FastifyReply | undefined
  app.get('/', (_request, reply) => {
    asked = reply
  })
  const client = request(await app.listen({ host: '127.0.0.1', port: 0 }))
  client.on('error', () => {})
  client.end()
  // A reply is a promise too, of its end.
  const { reply } = await until(() => (asked === undefined ? expect.fail('not asked') : { reply: asked }))
  return {
    timers,
    client,
    reply,
    onOver,
    onGone,
    open: () => openEventStream({ reply, timers, onStalled: () => expect.fail('stalled'), onOver, onGone }),
  }
}

test('a stream to a client that left while its request was looked at is over as soon as it is opened', async () => {
  const { client, reply, open, onOver, onGone, timers } = await asking()
  client.destroy()
  await until(() => expect(reply.raw.destroyed).toBe(true))
  open()
  expect(onOver).not.toHaveBeenCalled()
  await turn()
  expect([onOver, onGone].map(({ mock }) => mock.calls.length)).toEqual([1, 1])
  expect(timers.waiting()).toBe(0)
})

test('a stream that cannot be written to is over, also where no close is heard', async () => {
  const { client, reply, open, onOver, onGone } = await asking()
  const stream = open()
  reply.raw.removeAllListeners('close')
  client.destroy()
  await until(() => expect(reply.raw.destroyed).toBe(true))
  expect(onGone).not.toHaveBeenCalled()
  stream.write('data: 1\n\n')
  await turn()
  expect([onOver, onGone].map(({ mock }) => mock.calls.length)).toEqual([1, 1])
})

test('a stream that ended is over at once, and gone when its client has all of it', async () => {
  const { client, open, onOver, onGone } = await asking()
  const stream = open()
  stream.write('data: 1\n\n')
  stream.end()
  expect([onOver, onGone].map(({ mock }) => mock.calls.length)).toEqual([1, 0])
  const [answer] = await once(client, 'response')
  expect(await answer.setEncoding('utf8').toArray()).toEqual(['data: 1\n\n'])
  await until(() => expect(onGone).toHaveBeenCalledTimes(1))
  expect(onOver).toHaveBeenCalledTimes(1)
})
