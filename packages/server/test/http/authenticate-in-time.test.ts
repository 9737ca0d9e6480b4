import type { FastifyRequest } from 'fastify'
import { expect, test, vi } from 'vitest'
import type { Authenticate, Principal } from '../../src/access/principal.ts'
import { authenticateInTime } from '../../src/http/authenticate-in-time.ts'
import { manualTimers } from '../manual-timers.ts'
import { until } from '../until.ts'
import { ANN, serving } from './serving.ts'

const error = vi.fn()
const REQUEST = { log: { error } } as unknown as FastifyRequest

test('an answer that is there at once stays one, and no timer is set', () => {
  const timers = manualTimers()
  for (const answer of [{ id: 'ann' }, undefined]) expect(authenticateInTime(() => answer, timers)('token', REQUEST)).toBe(answer)
  expect(timers.waiting()).toBe(0)
})

test('an answer in time is passed on, a rejection too, and no timer is left', async () => {
  const timers = manualTimers()
  const look = (authenticate: Authenticate) => authenticateInTime(authenticate, timers)('token', REQUEST)
  expect(await look(async (token) => ({ id: `owner of ${token}` }))).toEqual({ id: 'owner of token' })
  await expect(look(() => Promise.reject(new Error('no database')))).rejects.toThrow('no database')
  expect(timers.waiting()).toBe(0)
})

test.each([null, false, '', undefined])('%j is nobody, at once and later: so apps in JavaScript say it', async (nobody) => {
  const timers = manualTimers()
  const look = (answer: unknown) => authenticateInTime(() => answer as undefined, timers)('token', REQUEST)
  expect(look(nobody)).toBeUndefined()
  expect(await look(Promise.resolve(nobody))).toBeUndefined()
  expect(timers.waiting()).toBe(0)
})

test.each<[string, PromiseLike<Principal>['then'], object]>([
  [
    'whose `then` gives nothing back',
    ((resolve: (principal: Principal) => void) => resolve({ id: 'ann' })) as never,
    { status: 'fulfilled' },
  ],
  ['whose `then` throws', () => expect.fail('broken'), { status: 'rejected' }],
])('a promise of another library %s leaves no timer', async (_what, then, outcome) => {
  const timers = manualTimers()
  // oxlint-disable-next-line unicorn/no-thenable -- that is what it is about
  const thenable = { then } as Promise<Principal>
  const [looked] = await Promise.allSettled([(async () => authenticateInTime(() => thenable, timers)('token', REQUEST))()])
  expect(looked).toMatchObject(outcome)
  expect(timers.waiting()).toBe(0)
})

test('beyond 30 s it is a refusal to come back later, and the log says so', async () => {
  const timers = manualTimers()
  const looked = Promise.resolve(authenticateInTime(() => new Promise<Principal>(() => {}), timers)('token', REQUEST))
  const refused = expect(looked).rejects.toMatchObject({ code: 'unavailable', retryMs: 5_000 })
  await timers.advance(29_999)
  expect(error).not.toHaveBeenCalled()
  await timers.advance(1)
  await refused
  expect(error).toHaveBeenCalledTimes(1)
})

test('a request whose token is never found out about is answered by 503', async () => {
  const authenticate = vi.fn(() => new Promise<undefined>(() => {}))
  const { app, timers } = await serving({ authenticate })
  const answering = app.inject({ url: '/v1/sessions', headers: ANN })
  void answering.then(() => {})
  await until(() => expect(authenticate).toHaveBeenCalled())
  await timers.advance(30_000)
  const answer = await answering
  expect(answer.statusCode).toBe(503)
  expect(answer.headers['retry-after']).toBe('5')
  expect(answer.json()).toMatchObject({ code: 'unavailable' })
})

test('a request is told 401 where the app says null', async () => {
  const { app } = await serving({ authenticate: (() => null) as unknown as Authenticate })
  expect((await app.inject({ url: '/v1/sessions', headers: ANN })).statusCode).toBe(401)
})
