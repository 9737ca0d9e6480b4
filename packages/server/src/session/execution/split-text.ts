/**
 * Cuts a text into pieces whose JSON, in UTF-8 and without its quotes, has at most so many bytes. Never inside a surrogate pair: half of one
 * is no text. `firstBytes` is the room of the first piece, `bytes` that of each further one.
 */
export function splitText(text: string, firstBytes: number, bytes: number): string[] {
  const pieces: string[] = []
  let from = 0
  let at = 0
  let room = firstBytes
  for (const character of text) {
    const size = jsonBytes(character)
    if (size > room && at > from) {
      pieces.push(text.slice(from, at))
      from = at
      room = bytes
    }
    room -= size
    at += character.length
  }
  pieces.push(text.slice(from))
  return pieces
}

/** The longest beginning of a text whose JSON, in UTF-8 and without its quotes, has at most so many bytes. */
export function cutText(text: string, bytes: number): string {
  let room = bytes
  let at = 0
  for (const character of text) {
    room -= jsonBytes(character)
    if (room < 0) break
    at += character.length
  }
  return text.slice(0, at)
}

/** How many bytes one code point has in JSON. */
function jsonBytes(character: string): number {
  const code = character.codePointAt(0) ?? 0
  if (code < 0x20) return SHORT_ESCAPES.includes(character) ? 2 : 6
  if (character === '"' || character === '\\') return 2
  if (code < 0x80) return 1
  if (code < 0x800) return 2
  // Half a surrogate pair is escaped.
  if (code >= 0xd800 && code <= 0xdfff) return 6
  return code < 0x10000 ? 3 : 4
}

const SHORT_ESCAPES = '\b\t\n\f\r'
