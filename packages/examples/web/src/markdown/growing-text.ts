import type { Markup, MarkupElement } from './markup-element.ts'
import { readBlocks } from './markup.ts'

/** A text that grows, read again and again. */
export interface GrowingText {
  /**
   * The blocks of the text so far; those that can change no more keep their identity from one call to the next. Say `open` while
   * more may come.
   */
  readonly read: (text: string, open: boolean) => readonly Markup[]
}

/** From this length on an unfinished block is read again only when it has grown by a quarter. */
const LONG_BLOCK = 8_192

/**
 * Reads a growing Markdown text at the cost of its last block: more text can change no block but the last, so all before it is
 * read once. What comes to a very long last block is shown plainly until the next reading.
 */
export function growingText(): GrowingText {
  let settled: Markup[] = []
  let settledText = ''
  let tail: MarkupElement | undefined
  let readUpTo = 0

  function readOn(text: string): void {
    if (!text.startsWith(settledText)) {
      settled = []
      settledText = ''
    }
    const blocks = readBlocks(text.slice(settledText.length))
    const last = blocks.findLastIndex((block) => block.markup !== undefined)
    let length = settledText.length
    for (const block of blocks.slice(0, Math.max(0, last))) {
      length += block.length
      if (block.markup !== undefined) settled.push(block.markup)
    }
    settledText = text.slice(0, length)
    tail = blocks[last]?.markup
    readUpTo = text.length
  }

  return {
    read(text, open) {
      // The reader counts in normalised text, so the text is normalised before anything is counted.
      const clean = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
      const long = readUpTo - settledText.length
      const grown = clean.length - readUpTo
      const wait = open && tail !== undefined && long > LONG_BLOCK && grown >= 0 && grown < long / 4
      if (!wait) readOn(clean)
      if (tail === undefined) return [...settled]
      return [...settled, ...(wait ? appendPlainly(tail, clean.slice(readUpTo)) : [tail])]
    },
  }
}

function appendPlainly(block: MarkupElement, text: string): readonly Markup[] {
  if (text === '') return [block]
  const last = block.children.at(-1)
  if (block.tag === 'pre' && typeof last === 'object') {
    return [{ ...block, children: [{ ...last, children: [...last.children, text] }] }]
  }
  if (block.tag !== 'p') return [block, { tag: 'p', children: [text] }]
  if (typeof last !== 'string') return [{ ...block, children: [...block.children, text] }]
  return [{ ...block, children: [...block.children.slice(0, -1), last + text] }]
}
