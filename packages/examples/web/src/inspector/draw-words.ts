/** Draws words where there is room for all of them, and otherwise nothing: half of a short word says less than none. */
export function drawWhole(pen: CanvasRenderingContext2D, words: string, x: number, y: number, most: number): void {
  if (pen.measureText(words).width <= most) pen.fillText(words, x, y)
}

/** Draws words, shortened to a width; nothing where not even one letter has room. */
export function drawWords(pen: CanvasRenderingContext2D, words: string, x: number, y: number, most: number): void {
  let shown = words
  while (shown.length > 2 && pen.measureText(shown).width > most) shown = `${shown.slice(0, -2)}…`
  if (pen.measureText(shown).width <= most) pen.fillText(shown, x, y)
}
