/** What an error says to the person at the page. */
export function errorWords(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
