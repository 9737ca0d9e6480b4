import { describe, expect, test } from 'vitest'
import { judgeAppend, type AppendGround, type AppendRuling } from '../../src/store/judge-append.ts'
import type { Append } from '../../src/store/port.ts'

const ground: AppendGround = { head: 5, holds: (fence) => fence === 7, markAt: (seq) => (seq === 5 ? 'stands-at5' : undefined) }

const append = (after: number, to: number, mark = 'minted-now'): Append => ({
  session: 's',
  fence: 7,
  after,
  batch: { from: after + 1, to, mark, at: 1, frame: Buffer.from('x') },
})

const CASES: Readonly<Record<string, { readonly append: Append; readonly ruling: AppendRuling }>> = {
  'a batch at the head may be written': { append: append(5, 6), ruling: { kind: 'write' } },
  'effects at the head may be written': { append: { session: 's', fence: 7, after: 5 }, ruling: { kind: 'write' } },
  'a batch that stands there already is stored': { append: append(2, 5, 'stands-at5'), ruling: { kind: 'stored' } },
  'a batch behind the head with another mark conflicts': { append: append(2, 5), ruling: { kind: 'conflict', head: 5 } },
  'a batch behind the head where none ends conflicts': { append: append(2, 4), ruling: { kind: 'conflict', head: 5 } },
  'a batch beyond the head conflicts': { append: append(6, 7), ruling: { kind: 'conflict', head: 5 } },
  'effects behind the head conflict': { append: { session: 's', fence: 7, after: 4 }, ruling: { kind: 'conflict', head: 5 } },
  'another fence is fenced at the head': { append: { ...append(5, 6), fence: 6 }, ruling: { kind: 'fenced' } },
  'a fence that was never given is fenced': { append: { ...append(5, 6), fence: 8 }, ruling: { kind: 'fenced' } },
  'another fence is fenced for a batch that stands there too': {
    append: { ...append(2, 5, 'stands-at5'), fence: 6 },
    ruling: { kind: 'fenced' },
  },
}

describe('judging an append', () => {
  for (const [rule, { append: judged, ruling }] of Object.entries(CASES)) {
    test(rule, () => expect(judgeAppend(judged, ground)).toEqual(ruling))
  }

  test('a batch with a hole before it throws', () => {
    const { batch, ...rest } = append(5, 6)
    expect(() => judgeAppend({ ...rest, batch: batch && { ...batch, from: 7, to: 7 } }, ground)).toThrow(/session s .* cannot follow 5/)
  })

  test('a batch that ends before it begins throws', () => {
    expect(() => judgeAppend(append(5, 5), ground)).toThrow(/cannot follow/)
  })
})
