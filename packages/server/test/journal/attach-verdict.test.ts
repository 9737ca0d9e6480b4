import { describe, expect, test } from 'vitest'
import { judgeCursor, judgeMark } from '../../src/journal/attach-verdict.ts'

const bounds = { head: 50, mark: 'headmark--', folded: 20, foldedMark: 'foldedmark', bytes: 1000 }
const at = (mark: string, seq: number) => judgeCursor(`${mark}.${seq}`, bounds)

describe('judging a cursor', () => {
  test('without one the answer is a snapshot', () => expect(judgeCursor(undefined, bounds)).toEqual({ kind: 'reset', reason: 'no_cursor' }))

  test.each([
    '',
    'x',
    '50',
    'headmark--',
    'headmark--.',
    'headmark--.-1',
    '../../etc/p.1',
    'headmark--.1e3',
    `headmark--.${'9'.repeat(80)}`,
  ])('%j is no cursor', (cursor) => expect(judgeCursor(cursor, bounds)).toEqual({ kind: 'reset', reason: 'cursor_invalid' }))

  test('one beyond the head is ahead, not a filter', () => expect(at('headmark--', 51)).toEqual({ kind: 'reset', reason: 'cursor_ahead' }))
  test('one older than what is kept is too old', () => expect(at('whatever--', 19)).toEqual({ kind: 'reset', reason: 'cursor_too_old' }))
  test('one at the head resumes under the head’s mark', () => expect(at('headmark--', 50)).toEqual({ kind: 'resume', after: 50 }))
  test('one at the head of another journal does not', () =>
    expect(at('othermark-', 50)).toEqual({ kind: 'reset', reason: 'mark_mismatch' }))
  test('one at the last folded batch resumes under its mark', () => expect(at('foldedmark', 20)).toEqual({ kind: 'resume', after: 20 }))
  test('one at the last folded seq under another mark does not', () =>
    expect(at('othermark-', 20)).toEqual({ kind: 'reset', reason: 'mark_mismatch' }))
  test('one in between depends on the row', () => expect(at('somemark--', 30)).toEqual({ kind: 'compare', seq: 30, mark: 'somemark--' }))
  test('a row with that mark serves it', () => expect(judgeMark(30, 'somemark--', 'somemark--')).toEqual({ kind: 'resume', after: 30 }))
  test('no batch that ends there does not', () =>
    expect(judgeMark(30, 'somemark--', undefined)).toEqual({ kind: 'reset', reason: 'mark_mismatch' }))

  test('an empty journal serves its birth, and nothing else', () => {
    const empty = { head: 0, mark: 'birthmark-', folded: 0, foldedMark: 'birthmark-', bytes: 0 }
    expect(judgeCursor('birthmark-.0', empty)).toEqual({ kind: 'resume', after: 0 })
    expect(judgeCursor('othermark-.0', empty)).toEqual({ kind: 'reset', reason: 'mark_mismatch' })
  })
})
