import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isCursor } from '../../src/protocol/cursor.ts'
import { formatCursor, parseCursor } from '../../src/protocol/index.ts'

const MARK = 'AbCdEf09_-'

test.each([
  [`${MARK}.0`, 0],
  [`${MARK}.1`, 1],
  [`${MARK}.999999999999999`, 999_999_999_999_999],
  // Only its number counts.
  [`${MARK}.007`, 7],
])('%s is a cursor', (text, seq) => {
  expect(parseCursor(text)).toEqual({ mark: MARK, seq })
  expect(isCursor(text)).toBe(true)
})

describe('no cursor is', () => {
  test.each([
    ['nothing', ''],
    ['a mark alone', MARK],
    ['a mark without a number', `${MARK}.`],
    ['a number without a mark', '.7'],
    ['a mark of nine', `${MARK.slice(1)}.7`],
    ['a mark of eleven', `x${MARK}.7`],
    ['a mark with another character', `AbCdEf09_+.7`],
    ['a mark with a letter beyond ASCII', `AbCdEf09_é.7`],
    ['a negative number', `${MARK}.-1`],
    ['a fraction', `${MARK}.1.5`],
    ['a power', `${MARK}.1e3`],
    ['a hexadecimal number', `${MARK}.0x7`],
    ['digits of another script', `${MARK}.٧`],
    ['a number of sixteen digits', `${MARK}.1000000000000000`],
    ['a cursor with a space before it', ` ${MARK}.7`],
    ['a cursor with a line behind it', `${MARK}.7\n`],
    ['a path', `../../${MARK}.7`],
    ['a cursor with a null character', `${MARK}.7\u{0}`],
    ['what is very long', `${MARK}.${'0'.repeat(64)}`],
  ])('%s', (_what, text) => {
    expect(parseCursor(text)).toBeUndefined()
    expect(isCursor(text)).toBe(false)
  })

  test.each([undefined, null, 7, {}, [`${MARK}.7`]])('%j', (value) => {
    expect(isCursor(value)).toBe(false)
  })
})

test('what is formatted is parsed again', () => {
  const mark = fc.stringMatching(/^[A-Za-z0-9_-]{10}$/)
  fc.assert(
    fc.property(mark, fc.integer({ min: 0, max: 999_999_999_999_999 }), (one, seq) => {
      expect(parseCursor(formatCursor(one, seq))).toEqual({ mark: one, seq })
    }),
  )
})
