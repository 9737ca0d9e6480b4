import { LIMITS } from '@throughline/sdk/protocol'
import { expect, test } from 'vitest'
import { hostLimits } from '../../src/session/host-limits.ts'

test('the limits of a host are the defaults, unless it is given others', () => {
  expect(hostLimits()).toEqual(LIMITS)
  expect(hostLimits({ queueBytes: 0, sessionsPerLink: 3 })).toEqual({ ...LIMITS, queueBytes: 0, sessionsPerLink: 3 })
})

test('no limit is one that JSON can tell', () => {
  expect(JSON.parse(JSON.stringify(hostLimits({ commandsPerMinute: Infinity })))).toEqual({ ...LIMITS, commandsPerMinute: 2 ** 53 - 1 })
})

test.each([0, -1, 1.5, NaN])('%d is no limit', (value) => {
  expect(() => hostLimits({ commandsPerMinute: value })).toThrow('limits.commandsPerMinute')
})
