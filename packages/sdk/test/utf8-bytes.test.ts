import { assert, property, string } from 'fast-check'
import { expect, test } from 'vitest'
import { utf8Bytes } from '../src/utf8-bytes.ts'

test('bytes are counted as UTF-8 has them', () => {
  for (const text of ['', 'a', '\u007f', '\u0080', 'ä', '\u07ff', '\u0800', '€', '\ud7ff', '\ue000', '\uffff', '😀', 'a😀b'])
    expect(utf8Bytes(text)).toBe(Buffer.byteLength(text))
  assert(property(string({ unit: 'binary' }), (text) => utf8Bytes(text) === Buffer.byteLength(text)))
})
