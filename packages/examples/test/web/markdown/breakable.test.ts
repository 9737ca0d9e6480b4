import { describe, expect, test } from 'vitest'
import { breakable } from '../../../web/src/markdown/breakable.ts'

function textOf(text: string): string {
  return breakable(text)
    .map((piece) => (typeof piece === 'string' ? piece : ''))
    .join('')
}

describe('very long words', () => {
  test('a text of common words is one piece', () => {
    expect(breakable('word '.repeat(1_000))).toHaveLength(1)
  })

  test('no piece of a long word is longer than a line', () => {
    const pieces = breakable(`before ${'x'.repeat(5_000)} after`)
    expect(Math.max(...pieces.map((piece) => (typeof piece === 'string' ? piece.length : 0)))).toBe(64)
  })

  test.each([`a ${'x'.repeat(700)}\n${'y'.repeat(201)} b`, 'z'.repeat(200), '', 'short'])('nothing is lost: %#', (text) => {
    expect(textOf(text)).toBe(text)
  })
})
