/** The fields of a T, where optional ones may be undefined. */
export type Given<T> = { readonly [K in keyof T]: object extends Pick<T, K> ? T[K] | undefined : T[K] }

/** An object of those fields that are not undefined, which JSON could not hold. */
export function defined<T extends object>(fields: Given<T>): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T
}
