import * as fc from 'fast-check'
import { applyPatch } from '@throughline/sdk/transcript'
import { describe, expect, test } from 'vitest'
import { encodedBytes } from '../../../src/session/execution/fit-event.ts'
import { followStateSize, type StateOperation } from '../../../src/session/execution/state-size.ts'

const key = fc.constantFrom('/a', '/b', '/a/c', '/a/b', '/b/0', '')
const value = fc.oneof(fc.string({ maxLength: 20 }), fc.constantFrom({}, [], { c: 'cccccccc' }, null))
const operation = fc.oneof(
  fc.record({ op: fc.constantFrom('add', 'replace', 'test'), path: key, value }),
  fc.record({ op: fc.constant('remove'), path: key }),
  fc.record({ op: fc.constantFrom('move', 'copy'), path: key, from: key }),
)
const change = fc.oneof(
  { weight: 1, arbitrary: fc.record({ snapshot: value }) },
  { weight: 4, arbitrary: fc.record({ patch: fc.array(operation, { maxLength: 3 }) }) },
)

describe('the size of the agent state', () => {
  test('is found too large exactly when it is, or would be on the way', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 20 }), fc.integer({ min: 10, max: 80 }), (changes, maxBytes) => {
        const size = followStateSize(undefined, maxBytes)
        let state: unknown = {}
        for (const one of changes) {
          const found = 'snapshot' in one ? size.set(one.snapshot) : size.patch(one.patch)
          const steps = 'snapshot' in one ? [one.snapshot] : statesOnTheWay(state, one.patch)
          state = 'snapshot' in one ? one.snapshot : patched(state, one.patch)
          if (encodedBytes(state) > maxBytes) expect(found).toBeGreaterThan(maxBytes)
          else if (found !== undefined) expect(steps.map(encodedBytes)).toContainEqual(found)
          if (found !== undefined) return
        }
      }),
      { numRuns: 500 },
    )
  })

  test('counts from the state that the session has', () => {
    const size = followStateSize({ a: 'x'.repeat(80) }, 100)
    expect(size.patch([add('/b', 'x'.repeat(30))])).toBeGreaterThan(100)
  })

  test('does not count what a patch took out', () => {
    const size = followStateSize({ a: 'x'.repeat(80) }, 100)
    expect(size.patch([add('/a', '')])).toBeUndefined()
    expect(size.patch([add('/b', 'x'.repeat(60))])).toBeUndefined()
  })

  test('counts what a patch copies', () => {
    const size = followStateSize({ a: 'x'.repeat(100) }, 200)
    expect(size.patch([{ op: 'copy', from: '/a', path: '/b' } as StateOperation])).toBeGreaterThan(200)
  })

  test('is found too large before a patch that copies has made what nothing can hold', () => {
    const size = followStateSize({ a: 'x' }, 1000)
    expect(size.patch(Array.from({ length: 60 }, (_, index) => ({ op: 'copy', from: '', path: `/${index}` })))).toBeGreaterThan(1000)
  })
})

/** What each operation makes of the state, as far as they can be applied. */
function statesOnTheWay(state: unknown, patch: readonly unknown[]): unknown[] {
  return patch.flatMap((_, index) => {
    const verdict = applyPatch(state, patch.slice(0, index + 1))
    return verdict.kind === 'patched' ? [verdict.document] : []
  })
}

function patched(state: unknown, patch: readonly unknown[]): unknown {
  const verdict = applyPatch(state, patch)
  return verdict.kind === 'patched' ? verdict.document : state
}

function add(path: string, text: string): StateOperation {
  const patch = { op: 'add', path, value: text }
  return patch
}
