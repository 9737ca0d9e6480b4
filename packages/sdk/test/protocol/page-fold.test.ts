import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { EMPTY_TRANSCRIPT } from '../../src/protocol/index.ts'
import { applyEvents } from '../../src/transcript/index.ts'
import { anyLog } from '../transcript/any-log.ts'
import { plainFold } from './plain-fold.ts'

test('a fold that is written from the rules of PROTOCOL.md alone makes the same transcript of any log', () => {
  fc.assert(
    fc.property(anyLog, (log) => {
      const real: unknown = JSON.parse(JSON.stringify(applyEvents(EMPTY_TRANSCRIPT, log)))
      expect(plainFold(EMPTY_TRANSCRIPT, log)).toEqual(real)
    }),
    { numRuns: 20000 },
  )
})
