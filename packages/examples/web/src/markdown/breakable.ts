import type { Markup } from './markup-element.ts'

const LONG_WORD = /\S{200}/
const PIECE = /.{1,64}/gs

/**
 * Gives very long words places to break. Where letters are kerned a browser lays out a word that does not fit its line in time that
 * grows with the square of its length: an encoded picture in a message would stop the page for minutes.
 */
export function breakable(text: string): readonly Markup[] {
  return text.split(/(\S{200,})/).flatMap((run): readonly Markup[] => {
    if (!LONG_WORD.test(run)) return run === '' ? [] : [run]
    return (run.match(PIECE) ?? []).flatMap((piece): readonly Markup[] => [piece, { tag: 'wbr', children: [] }])
  })
}
