import Fastify from 'fastify'
import cors from '@fastify/cors'
import websocket from '@fastify/websocket'
import { expect, onTestFinished, test, vi } from 'vitest'
import { noTokens } from '../../src/access/no-tokens.ts'
import { throughline } from '../../src/http/plugin.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { ANN, serving } from './serving.ts'

const ROUTES = [
  ['GET', '/v1/sessions'],
  ['POST', '/v1/sessions'],
  ['GET', '/v1/sessions/s1'],
  ['PATCH', '/v1/sessions/s1'],
  ['DELETE', '/v1/sessions/s1'],
  ['GET', '/v1/sessions/s1/messages'],
  ['GET', '/v1/sessions/s1/events'],
  ['POST', '/v1/sessions/s1/messages'],
  ['POST', '/v1/sessions/s1/stop'],
  ['POST', '/v1/sessions/s1/answers'],
  ['POST', '/v1/stream'],
  ['POST', '/v1/frames'],
  ['GET', '/v1/openapi.json'],
] as const

test.each(ROUTES)('%s %s needs a token', async (method, url) => {
  const { app } = await serving()
  for (const headers of [{}, { authorization: 'Bearer nobody’s' }, { authorization: 'Basic ann-token' }, { authorization: 'ann-token' }]) {
    const answer = await app.inject({ method, url, headers, ...(method !== 'GET' && { payload: '{' }) })
    expect(answer.statusCode).toBe(401)
    expect(answer.headers['www-authenticate']).toBe('Bearer')
    expect(answer.json()).toEqual({ code: 'unauthorized', message: expect.any(String) })
  }
})

test('these are all routes that there are', async () => {
  const { app } = await serving()
  const { paths } = (await app.inject({ url: '/v1/openapi.json', headers: ANN })).json()
  const documented = Object.entries<object>(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replace('{id}', 's1')}`),
  )
  const known = ROUTES.map(([method, path]) => `${method} ${path}`).filter((route) => !route.includes('openapi'))
  expect(documented.toSorted()).toEqual([...known, 'GET /v1/healthz', 'GET /v1/readyz'].toSorted())
})

test('a token in the URL is no token', async () => {
  const { app } = await serving()
  expect((await app.inject('/v1/sessions?token=ann-token&authorization=Bearer%20ann-token')).statusCode).toBe(401)
})

test('an expired token is told so', async () => {
  const { app } = await serving({ authenticate: () => ({ id: 'ann', expiresAt: 1_700_000_000_000 }) })
  const answer = await app.inject({ url: '/v1/sessions', headers: ANN })
  expect(answer.statusCode).toBe(401)
  expect(answer.json().message).toContain('expired')
})

test.each(['/v1/healthz', '/healthz', '/v1/readyz', '/readyz'])('%s needs none', async (url) => {
  const { app } = await serving()
  expect((await app.inject(url)).statusCode).toBe(200)
})

test('a server that cannot serve is alive, but not ready', async () => {
  const { app, host } = await serving()
  vi.spyOn(host, 'ready').mockRejectedValue(new StoreError('unavailable', 'secret'))
  expect((await app.inject('/v1/healthz')).statusCode).toBe(200)
  const answer = await app.inject('/v1/readyz')
  expect(answer.statusCode).toBe(503)
  expect(answer.json()).toMatchObject({ code: 'unavailable' })
  expect(answer.body).not.toContain('secret')
})

test('an unknown route is answered in the same form', async () => {
  const { app } = await serving()
  const answer = await app.inject({ url: '/v1/nothing?q=1', headers: ANN })
  expect(answer.statusCode).toBe(404)
  expect(answer.json()).toEqual({ code: 'not_found', message: 'there is no route GET /v1/nothing' })
})

test('the OpenAPI document names bodies, answers and the token', async () => {
  const { app } = await serving()
  const document = (await app.inject({ url: '/v1/openapi.json', headers: ANN })).json()
  expect(document).toMatchObject({ openapi: '3.1.0', security: [{ bearer: [] }] })
  const send = document.paths['/v1/sessions/{id}/messages'].post
  expect(send.requestBody.content['application/json'].schema.properties).toHaveProperty('whenBusy')
  expect(Object.keys(send.responses)).toEqual(['200', 'default'])
  expect(document.paths['/v1/healthz'].get.security).toEqual([])
})

test('a page of a foreign origin is refused on every route', async () => {
  const { app } = await serving({ origins: ['https://app.example.com'] })
  for (const [method, url] of ROUTES) {
    const answer = await app.inject({ method, url, headers: { ...ANN, host: 'agents.example.com', origin: 'https://evil.example.com' } })
    expect(answer.statusCode).toBe(403)
    expect(answer.json()).toMatchObject({ code: 'forbidden' })
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin')
  }
})

test('a page of a listed origin may read the answers, also those that are errors', async () => {
  const { app } = await serving({ origins: ['https://app.example.com'] })
  const origin = 'https://app.example.com'
  for (const headers of [{ ...ANN, origin }, { origin }]) {
    const answer = await app.inject({ url: '/v1/sessions', headers: { host: 'agents.example.com', ...headers } })
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': origin,
      vary: 'Origin',
      'access-control-expose-headers': 'retry-after',
    })
  }
})

test('the preflight of a listed origin is answered, that of a foreign one is refused', async () => {
  const { app } = await serving({ origins: ['https://app.example.com'] })
  const preflight = (origin: string) =>
    app.inject({
      method: 'OPTIONS',
      url: '/v1/sessions/s1',
      headers: {
        host: 'agents.example.com',
        origin,
        'access-control-request-method': 'PATCH',
        'access-control-request-headers': 'authorization',
      },
    })
  const answer = await preflight('https://app.example.com')
  expect(answer.statusCode).toBe(204)
  expect(answer.headers['access-control-allow-methods']).toContain('PATCH')
  expect(answer.headers['access-control-allow-headers']).toContain('authorization')
  expect((await preflight('https://evil.example.com')).statusCode).toBe(403)
})

test('a page of the server’s own origin is let in', async () => {
  const { app } = await serving()
  const headers = { ...ANN, host: 'agents.example.com', origin: 'https://agents.example.com' }
  expect((await app.inject({ url: '/v1/sessions', headers })).statusCode).toBe(200)
})

test('an origin list with something that is no origin is not taken', async () => {
  await expect(serving({ origins: ['*'] })).rejects.toThrow(TypeError)
})

test('it serves below another prefix', async () => {
  const { app } = await serving({ prefix: '/agents/v1' })
  expect((await app.inject({ url: '/agents/v1/sessions', headers: ANN })).statusCode).toBe(200)
  expect((await app.inject({ url: '/v1/sessions', headers: ANN })).statusCode).toBe(404)
})

test('in an app of one’s own, its errors, schemas and plugins stay the app’s', async () => {
  const { host } = await serving()
  const app = Fastify()
  onTestFinished(() => app.close())
  await app.register(cors, { origin: 'https://own.example.com' })
  await app.register(websocket)
  app.get('/own', { schema: { querystring: { type: 'object', properties: { n: { type: 'integer' } } } } }, ({ query }) => query)
  app.get('/broken', () => Promise.reject(new Error('own words')))
  await app.register(throughline, { host, authenticate: noTokens() })
  expect((await app.inject('/own?n=5')).json()).toEqual({ n: 5 })
  expect((await app.inject('/broken')).json()).toMatchObject({ message: 'own words' })
  expect((await app.inject('/v1/sessions?limit=0')).json()).toMatchObject({ code: 'invalid' })
  const answer = await app.inject({ url: '/v1/sessions', headers: { host: 'localhost' } })
  expect(answer.statusCode).toBe(200)
  expect(answer.headers['access-control-allow-origin']).toBe('https://own.example.com')
})

test('two hosts can be served by one app', async () => {
  const [one, two] = [await serving(), await serving()]
  const app = Fastify()
  onTestFinished(() => app.close())
  await app.register(throughline, { host: one.host, authenticate: () => ({ id: 'ann' }), prefix: '/one' })
  await app.register(throughline, { host: two.host, authenticate: () => ({ id: 'ann' }), prefix: '/two' })
  await app.inject({ method: 'POST', url: '/one/sessions', payload: {} })
  expect((await app.inject('/one/sessions')).json().sessions).toHaveLength(1)
  expect((await app.inject('/two/sessions')).json().sessions).toEqual([])
})
