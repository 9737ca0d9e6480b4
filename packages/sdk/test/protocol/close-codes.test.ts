import { expect, test } from 'vitest'
import { CLOSE_CODES, isFinalClose, type CloseReason } from '../../src/protocol/index.ts'

/** Whether a client dials again, by the reason of the close. */
const COMES_BACK: Readonly<Record<CloseReason, boolean>> = {
  internal: true,
  shutdown: true,
  token_expired: true,
  ping_timeout: true,
  slow_viewer: true,
  hello_timeout: true,
  rate_limited: true,
  connection_limit: true,
  protocol: false,
  unauthorized: false,
  forbidden: false,
  version: false,
}

test.each(Object.entries(COMES_BACK))('%s: that the client comes back is %s', (reason, comesBack) => {
  const code = CLOSE_CODES[reason as CloseReason]
  expect(isFinalClose(code)).toBe(!comesBack)
  expect(code).toBeGreaterThanOrEqual(4000)
  expect(code).toBeLessThanOrEqual(4999)
})

test('no two reasons share a code', () => {
  expect(new Set(Object.values(CLOSE_CODES)).size).toBe(Object.keys(CLOSE_CODES).length)
})

test.each([1000, 1001, 1006, 1012, 3000, 4000, 4499, 5000])('%i is not final, whoever gave it', (code) => {
  expect(isFinalClose(code)).toBe(false)
})

test.each([4500, 4999])('%i is final, known or not', (code) => {
  expect(isFinalClose(code)).toBe(true)
})
