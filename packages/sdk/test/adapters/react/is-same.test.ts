import { expect, test } from 'vitest'
import { isSame } from '../../../src/adapters/react/is-same.ts'

const one = { deep: 1 }

test.each<[unknown, unknown]>([
  [1, 1],
  [Number.NaN, Number.NaN],
  [undefined, undefined],
  [one, one],
  [[], []],
  [
    [1, one],
    [1, one],
  ],
  [
    { a: 1, b: one },
    { b: one, a: 1 },
  ],
])('%j is the same as %j', (a, b) => {
  expect(isSame(a, b)).toBe(true)
})

test.each<[unknown, unknown]>([
  [1, 2],
  [0, -0],
  [null, undefined],
  [null, {}],
  [[], {}],
  [[1], [1, 2]],
  [
    [1, 2],
    [2, 1],
  ],
  [{ a: undefined }, { b: undefined }],
  [{ a: 1 }, { a: 1, b: undefined }],
  [{ a: 1, b: undefined }, { a: 1 }],
  [{ a: one }, { a: { deep: 1 } }],
  [new Map(), new Map()],
  [new Date(1), new Date(2)],
])('%j is not the same as %j', (a, b) => {
  expect(isSame(a, b)).toBe(false)
})
