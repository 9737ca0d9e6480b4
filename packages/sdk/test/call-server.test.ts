import { expect, test } from 'vitest'
import { retryAfterMs, serverAsker } from '../src/ask-server.ts'
import { serverCalls } from '../src/call-server.ts'
import { SessionError, type LogEntry } from '../src/index.ts'
import { testClock } from '../src/testing/index.ts'
import { stagedHttp, type StagedRequest } from './staged-http.ts'

const HTML = { 'content-type': 'text/html; charset=utf-8' }

function begin({ token = async (): Promise<string | undefined> => 'secret' } = {}) {
  const clock = testClock()
  const http = stagedHttp()
  const log: LogEntry[] = []
  const calls = serverCalls({
    ask: serverAsker({ baseUrl: 'http://server.test/v1', fetch: http.fetch, token }),
    clock,
    log: () => (entry) => log.push(entry),
  })
  const request = async (index = -1): Promise<StagedRequest> => {
    await clock.settle()
    const found = http.requests.at(index)
    if (!found) throw new Error(`there are ${http.requests.length} requests`)
    return found
  }
  /** What comes of a call that is answered so. */
  const answered = async (...answer: Parameters<StagedRequest['answers']>): Promise<unknown> => {
    const outcome = calls.call('GET', '/x').catch((error: unknown) => error)
    await (await request()).answers(...answer)
    return outcome
  }
  return { ...calls, clock, http, log, request, answered }
}

test('a call gives what the answer holds', async () => {
  const { call, request } = begin()
  const called = call('PATCH', '/sessions/s', { title: 'Rome' })
  const { path, headers, body, answers } = await request()
  expect({ path, headers, body }).toEqual({
    path: '/v1/sessions/s',
    headers: { authorization: 'Bearer secret', 'content-type': 'application/json' },
    body: { title: 'Rome' },
  })
  await answers(200, { id: 's' })
  expect(await called).toEqual({ id: 's' })
})

test('an answer without content is none the worse for it', async () => {
  const { answered } = begin()
  expect(await answered(204)).toBeUndefined()
})

test('a page of somebody else is never taken for success', async () => {
  const { answered, log } = begin()
  const error = await answered(200, undefined, HTML)
  expect(error).toMatchObject({ code: 'unreachable', message: expect.stringMatching(/text\/html.*ask for a login/) as string })
  expect(await answered(200, 'a JSON text')).toMatchObject({ code: 'unreachable' })
  expect(await answered(200, null)).toMatchObject({ code: 'unreachable' })
  expect(log[0]).toEqual({ type: 'http', method: 'GET', path: '/x', status: 200, code: 'unreachable' })
})

test('an error page of somebody else says by its status what it can', async () => {
  const { answered } = begin()
  expect(await answered(502, undefined, HTML)).toMatchObject({ code: 'unavailable' })
  expect(await answered(511, undefined, HTML)).toMatchObject({ code: 'unavailable' })
  expect(await answered(429, undefined, HTML)).toMatchObject({ code: 'rate_limited' })
  expect(await answered(404, undefined, HTML)).toMatchObject({ code: 'protocol' })
})

test('a server that is busy says when to come back', async () => {
  const { answered, log } = begin()
  const busy = { code: 'unavailable', message: 'later' }
  expect(await answered(503, busy, { 'retry-after': '3' })).toMatchObject({ code: 'unavailable', message: 'later', retryMs: 3_000 })
  expect(await answered(429, { code: 'rate_limited', message: 'slowly' }, { 'retry-after': '1' })).toMatchObject({ retryMs: 1_000 })
  expect(log[1]).toEqual({ type: 'http', method: 'GET', path: '/x', status: 429, code: 'rate_limited' })
})

test('a time to come back may be in seconds or a date', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  const after = (value: string | null) => retryAfterMs({ headers: { get: () => value } }, now)
  expect(after('7')).toBe(7_000)
  expect(after('Thu, 01 Jan 2026 00:00:30 GMT')).toBe(30_000)
  expect(after('Wed, 31 Dec 2025 00:00:00 GMT')).toBeUndefined()
  expect(after('soon')).toBeUndefined()
  expect(after(null)).toBeUndefined()
})

test('a network that fails is unreachable, and the cause is kept', async () => {
  const { call, request, log } = begin()
  const called = call('GET', '/x').catch((error: unknown) => error)
  await (await request()).breaks('network changed')
  expect(await called).toMatchObject({ code: 'unreachable', cause: { message: 'network changed' } })
  expect(log).toEqual([{ type: 'http', method: 'GET', path: '/x', code: 'unreachable' }])
})

test('a token that cannot be had makes a call fail, too', async () => {
  const { call, http } = begin({ token: () => Promise.reject(new Error('the login server is down')) })
  await expect(call('GET', '/x')).rejects.toMatchObject({ code: 'unreachable', cause: { message: 'the login server is down' } })
  expect(http.requests).toHaveLength(0)
})

test('a call that nobody answers ends after 30 s, and so does its request', async () => {
  const { call, clock, http } = begin()
  const called = call('GET', '/x').catch((error: unknown) => error)
  await clock.advance(29_999)
  expect(http.open()).toBe(1)
  await clock.advance(1)
  expect(await called).toMatchObject({ code: 'unreachable', message: expect.stringContaining('30 s') as string })
  expect(http.open()).toBe(0)
})

test('a token that the server does not take is asked for once more, and no third time', async () => {
  const tokens = ['one', 'two', 'three']
  const { call, http, request } = begin({ token: async () => tokens.shift() })
  const called = call('GET', '/x').catch((error: unknown) => error)
  await (await request()).answers(401, { code: 'unauthorized', message: 'expired' })
  await (await request()).answers(401, { code: 'unauthorized', message: 'who are you' })
  expect(await called).toMatchObject({ code: 'unauthorized', message: 'who are you' })
  expect(http.requests.map(({ headers }) => headers['authorization'])).toEqual(['Bearer one', 'Bearer two'])
})

test('the call goes on with the fresh token', async () => {
  const tokens = ['one', 'two']
  const { call, request } = begin({ token: async () => tokens.shift() })
  const called = call('POST', '/sessions', { key: 'k' })
  await (await request()).answers(401, {})
  const second = await request()
  expect(second.body).toEqual({ key: 'k' })
  await second.answers(201, { id: 's' })
  expect(await called).toEqual({ id: 's' })
})

test('the same token again would be refused again: it is not tried', async () => {
  const { call, http, request } = begin()
  const called = call('GET', '/x').catch((error: unknown) => error)
  await (await request()).answers(401, {})
  expect(await called).toMatchObject({ code: 'unauthorized' })
  expect(http.requests).toHaveLength(1)
})

test('closing ends what is under way, with the reason, and leaves neither request nor timer', async () => {
  const { call, close, clock, http } = begin()
  const outcomes = [call('GET', '/x'), call('GET', '/y')].map((called) => called.catch((error: unknown) => error))
  await clock.settle()
  const closed = new SessionError('closed', 'over')
  close(closed)
  expect(await Promise.all(outcomes)).toEqual([closed, closed])
  expect(http.open()).toBe(0)
  expect(clock.pending).toBe(0)
})

test('closing ends a call that still waits for its token', async () => {
  const { call, close, clock } = begin({ token: () => new Promise(() => {}) })
  const called = call('GET', '/x').catch((error: unknown) => error)
  await clock.settle()
  const closed = new SessionError('closed', 'over')
  close(closed)
  expect(await called).toBe(closed)
  expect(clock.pending).toBe(0)
})

test('a call that was answered leaves no timer', async () => {
  const { answered, clock } = begin()
  await answered(200, {})
  expect(clock.pending).toBe(0)
})

test('what is called after closing rejects with the same reason, and asks nothing', async () => {
  const { call, close, clock, http } = begin()
  const error = new SessionError('closed', 'the app closed it')
  close(error)
  await expect(call('GET', '/x')).rejects.toBe(error)
  await clock.settle()
  expect(http.requests).toHaveLength(0)
})
