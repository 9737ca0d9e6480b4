/** Makes ids that no other client makes: random for the client, counted within it. */
export function idMint(random: () => number): () => string {
  const part = () => random().toString(36).slice(2, 13)
  const client = part() + part()
  let count = 0
  return () => `${client}-${(++count).toString(36)}`
}
