/** The items of an untrusted list that are of a kind; none where it is no list. */
export function listOf<T>(list: unknown, fits: (item: unknown) => item is T): readonly T[] {
  return Array.isArray(list) ? list.filter(fits) : []
}
