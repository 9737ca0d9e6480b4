/** The longest beginning of a text that takes no more than so many bytes inside a JSON string. */
export function headOf(text: string, maxBytes: number): string {
  let room = maxBytes
  let end = 0
  while (end < text.length && (room -= bytesOf(text.charCodeAt(end))) >= 0) end++
  return text.slice(0, splitsPair(text, end) ? end - 1 : end)
}

/** The longest end of a text that takes no more than so many bytes inside a JSON string. */
export function tailOf(text: string, maxBytes: number): string {
  let room = maxBytes
  let start = text.length
  while (start > 0 && (room -= bytesOf(text.charCodeAt(start - 1))) >= 0) start--
  return text.slice(splitsPair(text, start) ? start + 1 : start)
}

/** What a UTF-16 unit takes in UTF-8 once it is escaped; half of a surrogate pair takes half of the pair's four. */
function bytesOf(unit: number): number {
  if (unit < 0x20) return unit >= 0x08 && unit <= 0x0d && unit !== 0x0b ? 2 : 6
  if (unit < 0x80) return unit === 0x22 || unit === 0x5c ? 2 : 1
  return unit < 0x800 || (unit >= 0xd800 && unit <= 0xdfff) ? 2 : 3
}

function splitsPair(text: string, at: number): boolean {
  const pair = text.codePointAt(at - 1)
  return at > 0 && pair !== undefined && pair > 0xffff
}
