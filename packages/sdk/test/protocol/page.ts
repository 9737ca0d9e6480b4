import { readFileSync } from 'node:fs'

/** PROTOCOL.md, the page that other clients are written from. */
export const PAGE: string = readFileSync(new URL('../../../../PROTOCOL.md', import.meta.url), 'utf8')

/** A golden example of the page: what it is of, and its text. */
export interface Golden {
  readonly of: string
  readonly text: string
}

/** The golden examples of a kind, in their order: the blocks that are marked as `kind=…`. */
export function golden(kind: string): readonly Golden[] {
  return [...PAGE.matchAll(/^```\w+ (\w+)=(\S+)\n([^]*?)^```$/gm)].flatMap(([, is, of = '', text = '']) =>
    is === kind ? [{ of, text }] : [],
  )
}

/** The cells of the table that is marked so, without its head. */
export function table(marker: string): readonly (readonly string[])[] {
  return after(marker, /^\|.*\|$/)
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .map((cell) => cell.trim())
        .slice(1, -1),
    )
}

/** The items of the list that is marked so: the names that an item begins with, and what it says of them. */
export function list(marker: string): readonly (readonly [names: readonly string[], text: string])[] {
  return after(marker, /^(- | {2}\S)/)
    .join('\n')
    .split(/^- /m)
    .slice(1)
    .map((item) => {
      const end = item.indexOf(': ')
      return [codes(item.slice(0, end)), item.slice(end + 2)]
    })
}

/** What is written as code in a text. */
export function codes(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code)
}

/** The lines of a form that follow a marker, after an empty one. */
function after(marker: string, form: RegExp): string[] {
  const comment = `<!-- ${marker} -->\n\n`
  const start = PAGE.indexOf(comment)
  if (start < 0) throw new Error(`PROTOCOL.md has nothing that is marked as ${marker}`)
  const lines = PAGE.slice(start + comment.length).split('\n')
  return lines.slice(
    0,
    lines.findIndex((line) => !form.test(line)),
  )
}
