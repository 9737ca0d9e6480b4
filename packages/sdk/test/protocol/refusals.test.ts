import { expect, test } from 'vitest'
import { isRefusalCode, REFUSALS } from '../../src/protocol/index.ts'

test.each(Object.keys(REFUSALS))('%s is a refusal', (code) => {
  expect(isRefusalCode(code)).toBe(true)
})

test.each(['', 'Busy', 'toString', '__proto__', 'internal'])('%j is none', (code) => {
  expect(isRefusalCode(code)).toBe(false)
})

test('each is an HTTP status that says the same: an error of the request, or 503', () => {
  for (const status of Object.values(REFUSALS)) expect(status === 503 || (status >= 400 && status < 500)).toBe(true)
})
