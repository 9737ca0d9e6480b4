import { expect, test } from 'vitest'
import { openClaims } from '../../src/session/claims.ts'

test('a claim that was never seen is new, and the newest as long as no other follows', () => {
  const claims = openClaims()
  expect(claims.judge('s1', 'ann', 'one')).toBe('new')
  expect(claims.judge('s1', 'ann', 'one')).toBe('newest')
  expect(claims.judge('s1', 'ann', 'two')).toBe('new')
  expect(claims.judge('s1', 'ann', 'two')).toBe('newest')
})

test('one that another followed stays superseded, however often it comes back', () => {
  const claims = openClaims()
  claims.judge('s1', 'ann', 'one')
  claims.judge('s1', 'ann', 'two')
  for (let n = 0; n < 3; n++) expect(claims.judge('s1', 'ann', 'one')).toBe('superseded')
  expect(claims.judge('s1', 'ann', 'two')).toBe('newest')
})

test('sessions and principals have claims of their own', () => {
  const claims = openClaims()
  claims.judge('s1', 'ann', 'one')
  claims.judge('s1', 'ann', 'two')
  expect(claims.judge('s1', 'bob', 'one')).toBe('new')
  expect(claims.judge('s2', 'ann', 'one')).toBe('new')
})

test('they go with their session', () => {
  const claims = openClaims()
  claims.judge('s1', 'ann', 'one')
  claims.judge('s1', 'ann', 'two')
  claims.forget('s1')
  expect(claims.judge('s1', 'ann', 'one')).toBe('new')
})

test('of a session the last 32 of a principal are remembered', () => {
  const claims = openClaims()
  for (let n = 0; n < 33; n++) claims.judge('s1', 'ann', `claim ${n}`)
  expect(claims.judge('s1', 'ann', 'claim 1')).toBe('superseded')
  expect(claims.judge('s1', 'ann', 'claim 0')).toBe('new')
})

test('so are the 10,000 sessions that were claimed last', () => {
  const claims = openClaims()
  for (const session of ['lively', 'quiet']) for (const claim of ['one', 'two']) claims.judge(session, 'ann', claim)
  claims.judge('lively', 'ann', 'two')
  for (let n = 0; n < 9_999; n++) claims.judge(`other ${n}`, 'ann', 'one')
  expect(claims.judge('lively', 'ann', 'one')).toBe('superseded')
  expect(claims.judge('quiet', 'ann', 'one')).toBe('new')
})
