import { expect, test } from 'vitest'
import { numberedText } from '../../src/agent/numbered-text.ts'

test('a token has four characters', () => {
  expect(numberedText(3)).toBe('1 2 3 4 5 6 ')
  expect(numberedText(0)).toBe('')
  expect(numberedText(20_000)).toHaveLength(80_000)
})

test('the text of fewer tokens is where the text of more begins', () => {
  expect(numberedText(1_000).startsWith(numberedText(999))).toBe(true)
})

test('numbers follow one another, so that a hole shows', () => {
  expect(numberedText(100).split(' ').slice(0, -1)).toEqual(
    Array.from({ length: numberedText(100).split(' ').length - 1 }, (_, index) => String(index + 1)),
  )
})
