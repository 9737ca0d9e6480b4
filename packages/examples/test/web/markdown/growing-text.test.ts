import { array, assert, constantFrom, property } from 'fast-check'
import { describe, expect, test } from 'vitest'
import { growingText } from '../../../web/src/markdown/growing-text.ts'
import type { Markup } from '../../../web/src/markdown/markup-element.ts'
import { readBlocks } from '../../../web/src/markdown/markup.ts'

function readAtOnce(text: string): readonly Markup[] {
  return readBlocks(text).flatMap(({ markup }) => markup ?? [])
}

const piece = constantFrom(
  'word ',
  '**bold** ',
  '\n',
  '\n\n',
  '- item\n',
  '1. one\n',
  '# head\n',
  '```\n',
  '> quote\n',
  '|a|b|\n',
  '|-|-|\n',
  '`c` ',
  '    ',
  '\r\n',
)

describe('growing text', () => {
  test('a text that grew reads, once it is whole, as if it had come at once', () => {
    assert(
      property(array(piece, { maxLength: 30 }), (pieces) => {
        const growing = growingText()
        let text = ''
        for (const more of pieces) growing.read((text += more), true)
        expect(growing.read(text, false)).toEqual(readAtOnce(text.replace(/\r\n/g, '\n')))
      }),
      { numRuns: 400 },
    )
  })

  test('a block before the last keeps its identity', () => {
    const growing = growingText()
    const [before] = growing.read('one\n\ntwo', true)
    const [after] = growing.read('one\n\ntwo and more', true)
    expect(after).toBe(before)
  })

  test('another text in its place is read afresh', () => {
    const growing = growingText()
    growing.read('one\n\ntwo\n\nthree', true)
    expect(growing.read('other', true)).toEqual(readAtOnce('other'))
  })

  test.each([
    ['a paragraph', 'word '.repeat(2_000), 'p'],
    ['code', `\`\`\`\n${'line\n'.repeat(2_000)}`, 'pre'],
  ])('what comes to a very long last block is shown at once, and read later: %s', (_, long, tag) => {
    const growing = growingText()
    growing.read(long, true)
    const more = growing.read(`${long}**not bold yet**`, true)
    expect(more.at(-1)).toMatchObject({ tag })
    expect(JSON.stringify(more)).toContain('**not bold yet**')
    expect(growing.read(`${long}**bold now**`, false)).toEqual(readAtOnce(`${long}**bold now**`))
  })
})
