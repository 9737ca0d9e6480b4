import { expect, test } from 'vitest'
import { isNestedDeeper } from '../../src/protocol/is-nested-deeper.ts'

test.each([
  [null, 0],
  ['text', 0],
  [7, 0],
  [[], 1],
  [{}, 1],
  [[1, 'a', null], 1],
  [{ a: [] }, 2],
  [[[], {}, [{ a: 1 }]], 3],
  [{ a: 1, b: { c: { d: [] } }, e: {} }, 4],
])('%j is nested %i levels deep', (value, depth) => {
  expect(isNestedDeeper(value, depth)).toBe(false)
  if (depth > 0) expect(isNestedDeeper(value, depth - 1)).toBe(true)
})
