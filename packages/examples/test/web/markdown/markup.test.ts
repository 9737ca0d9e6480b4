import { describe, expect, test } from 'vitest'
import type { Markup } from '../../../web/src/markdown/markup-element.ts'
import { readBlocks } from '../../../web/src/markdown/markup.ts'

function markupOf(text: string): readonly Markup[] {
  return readBlocks(text).flatMap(({ markup }) => markup ?? [])
}

function allTags(markup: readonly Markup[]): readonly string[] {
  return markup.flatMap((piece) => (typeof piece === 'string' ? [] : [piece.tag, ...allTags(piece.children)]))
}

function allText(markup: readonly Markup[]): string {
  return markup.map((piece) => (typeof piece === 'string' ? piece : allText(piece.children))).join('')
}

describe('markup', () => {
  test('HTML in a text stays text', () => {
    const markup = markupOf('a <script>alert(1)</script> b\n\n<img src=x onerror=alert(1)>')
    expect(allTags(markup)).toEqual(['p', 'p'])
    expect(allText(markup)).toBe('a <script>alert(1)</script> b<img src=x onerror=alert(1)>')
  })

  test('Markdown between HTML is read all the same', () => {
    expect(allTags(markupOf('<div>**bold**</div>'))).toEqual(['p', 'strong'])
  })

  test('a link leads to web pages and mail addresses only', () => {
    const [block] = markupOf('[a](https://x.org) [b](javascript:alert(1)) [c](data:text/html,x) [d](mailto:a@x.org)')
    expect(allTags([block ?? ''])).toEqual(['p', 'a', 'span', 'span', 'a'])
  })

  test('an image is a link: nothing is loaded by itself', () => {
    expect(allTags(markupOf('![alt](https://x.org/a.png)'))).toEqual(['p', 'a'])
  })

  test('a link definition changes nothing that stands before it', () => {
    expect(allTags(markupOf('[word]\n\n[word]: /somewhere'))).toEqual(['p', 'p'])
  })

  test('named and numbered entities are the characters they name', () => {
    expect(allText(markupOf('a &amp; b &lt;c&gt; &#8212; &#x2014; &unknown;'))).toBe('a & b <c> — — &unknown;')
  })

  test('an answer begins its headings at the third level', () => {
    expect(allTags(markupOf('# one\n\n###### six'))).toEqual(['h3', 'h6'])
  })

  test('the blocks take every character of the text', () => {
    const text = '# a\n\n- b\n  - c\n\n\n> d\n\n```js\ne\n```\n\n|f|g|\n|-|-|\n|1|2|\n\nend'
    expect(readBlocks(text).reduce((sum, { length }) => sum + length, 0)).toBe(text.length)
  })

  test('a text that is too deep to be read is shown as it is', () => {
    const deep = '>'.repeat(10_000)
    expect(allText(markupOf(deep))).toBe(deep)
  })
})
