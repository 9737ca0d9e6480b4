import { Marked, type MarkedToken, type Token } from 'marked'
import { breakable } from './breakable.ts'
import type { Markup, MarkupElement } from './markup-element.ts'

/** A block of the text, and how many characters of the text it took. */
export interface Block {
  readonly length: number
  /** Absent where the block shows nothing: an empty line. */
  readonly markup?: MarkupElement
}

// HTML stays text. Link definitions do, too: one that arrives late would change what is on the page already.
const marked = new Marked({ gfm: true, tokenizer: { html: () => undefined, tag: () => undefined, def: () => undefined } })

/**
 * Reads Markdown into blocks. What comes out can only be what is listed here: no raw HTML, no images that load by themselves, no
 * links but to web pages and mail addresses.
 */
export function readBlocks(text: string): readonly Block[] {
  return lex(text).map((token) => {
    const markup = block(token as MarkedToken)
    return markup === undefined ? { length: token.raw.length } : { length: token.raw.length, markup }
  })
}

function lex(text: string): readonly Token[] {
  try {
    return marked.lexer(text)
  } catch {
    // Thousands of quotations in each other are more than the reader can hold: such a text is shown as it is.
    return [{ type: 'text', raw: text, text }]
  }
}

function block(token: MarkedToken): MarkupElement | undefined {
  switch (token.type) {
    case 'space':
      return undefined
    case 'heading':
      // The page has its own headings above: an answer's begin at the third level.
      return { tag: `h${Math.min(token.depth + 2, 6)}` as 'h3', children: inline(token.tokens) }
    case 'code':
      return codeBlock(token.text, token.lang)
    case 'blockquote':
      return { tag: 'blockquote', children: blocks(token.tokens) }
    case 'list':
      return {
        tag: token.ordered ? 'ol' : 'ul',
        ...(token.ordered && token.start !== 1 && { attributes: { start: String(token.start) } }),
        children: token.items.map((item) => ({ tag: 'li', children: blocks(item.tokens) })),
      }
    case 'table':
      return {
        tag: 'div',
        attributes: { class: 'table', tabindex: '0' },
        children: [
          {
            tag: 'table',
            children: [
              { tag: 'thead', children: [row('th', token.header)] },
              { tag: 'tbody', children: token.rows.map((cells) => row('td', cells)) },
            ],
          },
        ],
      }
    case 'hr':
      return { tag: 'hr', children: [] }
    default:
      return { tag: 'p', children: inline('tokens' in token && token.tokens ? token.tokens : [token]) }
  }
}

function codeBlock(text: string, language: string | undefined): MarkupElement {
  const name = language?.trim().split(/\s/)[0]
  return {
    tag: 'pre',
    attributes: { tabindex: '0', ...(name && { 'data-language': name }) },
    children: [{ tag: 'code', children: [text] }],
  }
}

function row(tag: 'th' | 'td', cells: readonly { readonly tokens: readonly Token[]; readonly align: string | null }[]): MarkupElement {
  return {
    tag: 'tr',
    children: cells.map((cell) => ({
      tag,
      ...(cell.align && { attributes: { class: `align-${cell.align}` } }),
      children: inline(cell.tokens),
    })),
  }
}

/** What stands in a list item or a quotation: blocks, or the words of a tight list directly. */
function blocks(tokens: readonly Token[]): readonly Markup[] {
  return joinWords(
    (tokens as readonly MarkedToken[]).flatMap((token) => {
      if (token.type === 'text' || token.type === 'checkbox') return inline('tokens' in token && token.tokens ? token.tokens : [token])
      return block(token) ?? []
    }),
  )
}

function inline(tokens: readonly Token[]): readonly Markup[] {
  return joinWords((tokens as readonly MarkedToken[]).map(word)).flatMap((piece) => (typeof piece === 'string' ? breakable(piece) : piece))
}

function word(token: MarkedToken): Markup {
  switch (token.type) {
    case 'strong':
    case 'em':
    case 'del':
      return { tag: token.type, children: inline(token.tokens) }
    case 'codespan':
      return { tag: 'code', children: [token.text] }
    case 'br':
      return { tag: 'br', children: [] }
    case 'link':
      return link(token.href, inline(token.tokens))
    case 'image':
      return link(token.href, [token.text || token.href])
    case 'checkbox':
      return token.checked ? '☑ ' : '☐ '
    case 'text':
    case 'escape':
      return decodeEntities(token.text)
    default:
      return token.raw
  }
}

function link(href: string, children: readonly Markup[]): MarkupElement {
  if (!/^(https?:\/\/|mailto:)/i.test(href)) return { tag: 'span', children }
  return { tag: 'a', attributes: { href, target: '_blank', rel: 'noopener noreferrer nofollow' }, children }
}

// Two texts in a row become one, so that a growing paragraph is one growing text node.
function joinWords(pieces: readonly Markup[]): readonly Markup[] {
  const joined: Markup[] = []
  for (const piece of pieces) {
    const last = joined.at(-1)
    if (typeof piece === 'string' && typeof last === 'string') joined[joined.length - 1] = last + piece
    else joined.push(piece)
  }
  return joined
}

const NAMED: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  hellip: '…',
  mdash: '—',
  ndash: '–',
}

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#(\d{1,6})|#x([\da-f]{1,6})|([a-z]{2,6}));/gi, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return NAMED[name] ?? whole
    const code = decimal === undefined ? Number.parseInt(hex ?? '', 16) : Number(decimal)
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : whole
  })
}
