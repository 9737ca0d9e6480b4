import { expect, test } from 'vitest'
import { isClientId } from '../../src/protocol/index.ts'

test.each(['a', '0', 'A.b_c:d-9', 'x'.repeat(128), '.', '..', '01J8ZQ4W9K', '6f1c1a5e-6a3c-4b7e-8a9d-000000000000'])(
  '%s can be an id',
  (id) => {
    expect(isClientId(id)).toBe(true)
  },
)

test.each(['', 'x'.repeat(129), 'a b', 'a/b', '../a', 'a\n', '\u{0}', 'é', '١', 'a%20b', '{}'])('%j cannot be an id', (id) => {
  expect(isClientId(id)).toBe(false)
})
