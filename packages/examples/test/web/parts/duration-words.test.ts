import { expect, test } from 'vitest'
import { between, durationWords } from '../../../web/src/parts/duration-words.ts'

test.each([
  [-5, '< 0.1 s'],
  [49, '< 0.1 s'],
  [50, '0.1 s'],
  [840, '0.8 s'],
  [9_940, '9.9 s'],
  [9_960, '10 s'],
  [59_400, '59 s'],
  [59_600, '1 min'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
])('%i ms are %s', (ms, words) => {
  expect(durationWords(ms)).toBe(words)
})

test('no time is said where one of its ends is missing', () => {
  expect(between(undefined, 5)).toBeUndefined()
  expect(between(1_000, 3_500)).toBe('2.5 s')
})
