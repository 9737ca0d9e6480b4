import type { FastifyRequest } from 'fastify'
import { expect, test } from 'vitest'
import { noTokens } from '../../src/access/no-tokens.ts'

function request(remoteAddress: string | undefined, host: string | undefined): FastifyRequest {
  return { raw: { socket: { remoteAddress } }, headers: { host } } as unknown as FastifyRequest
}

test.each([
  ['127.0.0.1', 'localhost:7420'],
  ['127.0.0.1', '127.0.0.1:7420'],
  ['::1', '[::1]:7420'],
  ['::ffff:127.0.0.1', 'LOCALHOST'],
])('who comes from %s to %s is local', async (address, host) => {
  expect(await noTokens()(undefined, request(address, host))).toMatchObject({ id: 'local' })
})

test.each([
  ['another machine', '192.168.0.7', 'localhost:7420'],
  ['a page whose name resolves to this machine', '127.0.0.1', 'rebound.example.com:7420'],
  ['a name that only begins like an address of loopback', '127.0.0.1', '127.0.0.1.example.com'],
  ['a request without a host', '127.0.0.1', undefined],
  ['a socket that is gone', undefined, 'localhost'],
])('%s is nobody', async (_rule, address, host) => {
  expect(await noTokens()(undefined, request(address, host))).toBeUndefined()
})

test('a token changes nothing', async () => {
  expect(await noTokens()('any', request('127.0.0.1', 'localhost'))).toMatchObject({ id: 'local' })
})
