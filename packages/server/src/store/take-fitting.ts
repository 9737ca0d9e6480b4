/** The first items that fit `maxBytes` together, but at least one where there is any. Takes no item beyond the first that does not fit. */
export function takeFitting<Item>(items: Iterable<Item>, bytesOf: (item: Item) => number, maxBytes: number): Item[] {
  const taken: Item[] = []
  let bytes = 0
  for (const item of items) {
    bytes += bytesOf(item)
    if (taken.length > 0 && bytes > maxBytes) break
    taken.push(item)
  }
  return taken
}
