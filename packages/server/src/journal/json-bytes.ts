/** Text that is in JSON as it is: printable ASCII, but quotes and backslashes. */
const AS_IT_IS = /^[ !#-[\]-~]*$/

/** How many bytes a text has within JSON, without its quotes. Most deltas are a word or two of plain ASCII, which need not be encoded to be measured. */
export function jsonBytes(text: string): number {
  return AS_IT_IS.test(text) ? text.length : Buffer.byteLength(JSON.stringify(text)) - '""'.length
}
