import { expect, test } from 'vitest'
import { openClaims } from '../../src/session/claims.ts'

/** Claims of which each is judged in the order in which it came, unless the test says otherwise. */
function claiming(isInMemory: (session: string) => boolean = () => false) {
  const claims = openClaims(isInMemory)
  let order = 0
  return {
    ...claims,
    judge: (session: string, principal: string, claim: string | undefined, at = (order += 1)) =>
      claims.judge(session, principal, claim, at),
  }
}

test('a claim that was never seen is new, and the newest as long as no other follows', () => {
  const claims = claiming()
  expect(claims.judge('s1', 'ann', 'one')).toBe('new')
  expect(claims.judge('s1', 'ann', 'one')).toBe('newest')
  expect(claims.judge('s1', 'ann', 'two')).toBe('new')
  expect(claims.judge('s1', 'ann', 'two')).toBe('newest')
})

test('one that another followed stays superseded, however often it comes back', () => {
  const claims = claiming()
  claims.judge('s1', 'ann', 'one')
  claims.judge('s1', 'ann', 'two')
  for (let n = 0; n < 3; n++) expect(claims.judge('s1', 'ann', 'one')).toBe('superseded')
  expect(claims.judge('s1', 'ann', 'two')).toBe('newest')
})

test('one that came before another is superseded by it, also where it is judged after it', () => {
  const claims = claiming()
  expect(claims.judge('s1', 'ann', 'two', 2)).toBe('new')
  expect(claims.judge('s1', 'ann', 'one', 1)).toBe('superseded')
  expect(claims.judge('s1', 'ann', 'two', 3)).toBe('newest')
  expect(claims.judge('s1', 'ann', 'one', 4)).toBe('superseded')
})

test('that the newest came back meanwhile does not make it newer', () => {
  const claims = claiming()
  claims.judge('s1', 'ann', 'one', 1)
  claims.judge('s1', 'ann', 'one', 3)
  expect(claims.judge('s1', 'ann', 'two', 2)).toBe('new')
})

test('who claims nothing is superseded by a claim that came later, and by no other', () => {
  const claims = claiming()
  expect(claims.judge('s1', 'ann', undefined, 1)).toBe('unclaimed')
  claims.judge('s1', 'ann', 'one', 3)
  expect(claims.judge('s1', 'ann', undefined, 2)).toBe('superseded')
  expect(claims.judge('s1', 'ann', undefined, 4)).toBe('unclaimed')
  claims.judge('s1', 'ann', 'one', 5)
  expect(claims.judge('s1', 'ann', undefined, 4)).toBe('unclaimed')
  expect(claims.judge('s1', 'bob', undefined, 2)).toBe('unclaimed')
})

test('sessions and principals have claims of their own', () => {
  const claims = claiming()
  claims.judge('s1', 'ann', 'one')
  claims.judge('s1', 'ann', 'two')
  expect(claims.judge('s1', 'bob', 'one')).toBe('new')
  expect(claims.judge('s2', 'ann', 'one')).toBe('new')
})

test('they go with their session', () => {
  const claims = claiming()
  claims.judge('s1', 'ann', 'one')
  claims.judge('s1', 'ann', 'two')
  claims.forget('s1')
  expect(claims.judge('s1', 'ann', 'one')).toBe('new')
})

test('of a session the last 32 of a principal are remembered', () => {
  const claims = claiming()
  for (let n = 0; n < 33; n++) claims.judge('s1', 'ann', `claim ${n}`)
  expect(claims.judge('s1', 'ann', 'claim 1')).toBe('superseded')
  expect(claims.judge('s1', 'ann', 'claim 0')).toBe('new')
})

test('so are the 10,000 sessions that were claimed last', () => {
  const claims = claiming()
  for (const session of ['lively', 'quiet']) for (const claim of ['one', 'two']) claims.judge(session, 'ann', claim)
  claims.judge('lively', 'ann', 'two')
  for (let n = 0; n < 9_999; n++) claims.judge(`other ${n}`, 'ann', 'one')
  expect(claims.judge('lively', 'ann', 'one')).toBe('superseded')
  expect(claims.judge('quiet', 'ann', 'one')).toBe('new')
})

test('those of a session in memory are never forgotten, however long ago it was claimed', () => {
  const claims = claiming((session) => session === 'watched')
  for (const session of ['watched', 'quiet']) for (const claim of ['one', 'two']) claims.judge(session, 'ann', claim)
  for (let n = 0; n < 20_000; n++) claims.judge(`other ${n}`, 'ann', 'one')
  expect(claims.judge('watched', 'ann', 'one')).toBe('superseded')
  expect(claims.judge('quiet', 'ann', 'one')).toBe('new')
})

test('more than 10,000 may be in memory', () => {
  const claims = claiming(() => true)
  for (let n = 0; n < 10_010; n++) for (const claim of ['one', 'two']) claims.judge(`s${n}`, 'ann', claim)
  for (let n = 0; n < 10_010; n++) expect(claims.judge(`s${n}`, 'ann', 'one')).toBe('superseded')
})
