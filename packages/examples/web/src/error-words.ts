/** What an error says to the person at the page. */
export function errorWords(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error)
  return words.charAt(0).toUpperCase() + words.slice(1)
}
