/** Whether two values are the same, or lists or plain objects of which each entry is. */
export function isSame(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true
  if (!isPlain(one) || !isPlain(other) || Array.isArray(one) !== Array.isArray(other)) return false
  const keys = Object.keys(one)
  return keys.length === Object.keys(other).length && keys.every((key) => key in other && Object.is(one[key], other[key]))
}

/** Whether it is a list or a plain object: others, a Map or a Date, hold what is not among their keys. */
function isPlain(value: unknown): value is Record<string, unknown> {
  const prototype: unknown = value && Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === Array.prototype
}
