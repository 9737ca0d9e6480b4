/** How many characters a token of `/tokens` has. */
export const TOKEN_LENGTH = 4

/** The text of `/tokens`: the numbers from 1 on, so that a hole, a repetition or a swap shows, cut to 4 characters a token. */
export function numberedText(tokens: number): string {
  const length = tokens * TOKEN_LENGTH
  const numbers: string[] = []
  for (let number = 1, filled = 0; filled < length; number += 1) {
    const word = `${number} `
    numbers.push(word)
    filled += word.length
  }
  return numbers.join('').slice(0, length)
}
