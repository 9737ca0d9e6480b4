import { expect, test } from 'vitest'
import { EVENT_TYPES, isOwnEvent, type SessionEvent } from '../../src/protocol/index.ts'

test('AG-UI 1.0 has 31 types of events', () => {
  expect(new Set(EVENT_TYPES).size).toBe(31)
})

test.each([
  [{ type: 'CUSTOM', name: 'throughline/queued', value: {} }, true],
  [{ type: 'CUSTOM', name: 'throughline/of-a-later-version', value: {} }, true],
  [{ type: 'CUSTOM', name: 'throughline', value: {} }, false],
  [{ type: 'CUSTOM', name: 'weather', value: {} }, false],
  [{ type: 'RAW', name: 'throughline/queued', event: {} }, false],
  // What came over the wire may be anything.
  [{ type: 'CUSTOM' }, false],
  [{ type: 'CUSTOM', name: 7 }, false],
])('whether %j is one of our own is %s', (event, own) => {
  expect(isOwnEvent(event as unknown as SessionEvent)).toBe(own)
})
