const TOKEN_LENGTH = 4

/** The text of `/tokens`: the numbers from 1 on, so that a hole, a repetition or a swap shows, cut to 4 characters a token. */
export function numberedText(count: number): string {
  return [...numberedTokens(count)].join('')
}

/** The same, token by token; a million of them are not made at once. */
export function* numberedTokens(count: number): Generator<string, void, undefined> {
  let number = 1
  let text = ''
  for (let token = 0; token < count; token += 1) {
    while (text.length < TOKEN_LENGTH) text += `${number++} `
    yield text.slice(0, TOKEN_LENGTH)
    text = text.slice(TOKEN_LENGTH)
  }
}
