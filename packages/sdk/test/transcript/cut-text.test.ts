import fc from 'fast-check'
import { expect, test } from 'vitest'
import { headOf, tailOf } from '../../src/transcript/cut-text.ts'

const bytesOf = (text: string): number => Buffer.byteLength(JSON.stringify(text)) - 2
const anyText = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '\u0000', '\u001f', 'é', '€', '😀') })

test('a text is cut at a number of bytes as JSON has it, not inside a character, and no shorter than need be', () => {
  fc.assert(
    fc.property(anyText, fc.nat(20), (text, maxBytes) => {
      const head = headOf(text, maxBytes)
      const tail = tailOf(text, maxBytes)
      expect(text.startsWith(head)).toBe(true)
      expect(text.endsWith(tail)).toBe(true)
      for (const cut of [head, tail]) {
        expect(bytesOf(cut)).toBeLessThanOrEqual(maxBytes)
        expect(cut).not.toMatch(/\p{Surrogate}/u)
        if (cut.length < text.length) expect(bytesOf(cut)).toBeGreaterThan(maxBytes - 6)
      }
    }),
  )
})

test('a character of two units is kept whole or not at all', () => {
  expect(headOf('a😀', 4)).toBe('a')
  expect(headOf('a😀', 5)).toBe('a😀')
  expect(tailOf('😀a', 4)).toBe('a')
  expect(tailOf('😀a', 5)).toBe('😀a')
})

test('nothing fits into less than nothing', () => {
  expect(headOf('abc', -5)).toBe('')
  expect(tailOf('abc', -5)).toBe('')
})
