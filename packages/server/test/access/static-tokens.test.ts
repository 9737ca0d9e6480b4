import type { FastifyRequest } from 'fastify'
import { expect, test } from 'vitest'
import { staticTokens } from '../../src/access/static-tokens.ts'

const REQUEST = {} as FastifyRequest
const authenticate = staticTokens({ 'token-of-ann': 'ann', 'second-of-ann': 'ann', 'token-of-bob': 'bob' })

test.each([
  ['token-of-ann', 'ann'],
  ['second-of-ann', 'ann'],
  ['token-of-bob', 'bob'],
])('%s is the token of %s', async (token, id) => {
  expect(await authenticate(token, REQUEST)).toMatchObject({ id })
})

test.each([undefined, '', 'token-of-an', 'token-of-ann ', 'TOKEN-OF-ANN', 'ann'])('%j is nobody’s token', async (token) => {
  expect(await authenticate(token, REQUEST)).toBeUndefined()
})

test('static tokens set no bound to links', async () => {
  expect(await authenticate('token-of-ann', REQUEST)).toMatchObject({ maxLinks: Infinity })
})

test.each([
  ['none', {}],
  ['an empty token', { '': 'ann' }],
  ['a token with a space', { 'a b': 'ann' }],
  ['a token that no header carries', { tökén: 'ann' }],
  ['a principal without an id', { token: '' }],
])('%s is no list of static tokens', (_rule, principals) => {
  expect(() => staticTokens(principals)).toThrow(TypeError)
})
