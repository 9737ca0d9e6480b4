/** A check of one value: whether it has the form that its place in a frame promises. */
export type Check = (value: unknown) => boolean

/** The fields of an object, each with its check; a name that ends in `?` may be absent. Fields beyond these are allowed. */
export type Shape = Readonly<Record<string, Check>>

export function isText(value: unknown): value is string {
  return typeof value === 'string'
}
export const isNumber: Check = (value) => typeof value === 'number'
export const isBoolean: Check = (value) => typeof value === 'boolean'
export const isAnything: Check = (value) => value !== undefined
export const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0
export const isTrue: Check = (value) => value === true

/** A plain object, not an array. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** One of a few texts. */
export function oneOf(...texts: readonly string[]): Check {
  return (value) => texts.includes(value as string)
}

/** An array whose items all pass. */
export function listOf(check: Check): Check {
  return (value) => Array.isArray(value) && value.every(check)
}

/** An object whose values all pass. */
export function recordOf(check: Check): Check {
  return (value) => isRecord(value) && Object.values(value).every(check)
}

/** An object with these fields. */
export function object(shape: Shape): Check {
  const fault = faultFinder(shape)
  return (value) => isRecord(value) && fault(value) === undefined
}

/** Prepares a shape for many checks: what comes back names the first field of an object that is not as the shape says. */
export function faultFinder(shape: Shape): (value: Record<string, unknown>) => string | undefined {
  const fields = Object.entries(shape).map(([name, check]) =>
    name.endsWith('?') ? { name: name.slice(0, -1), optional: true, check } : { name, optional: false, check },
  )
  return (value) => {
    for (const { name, optional, check } of fields) {
      const field = value[name]
      if (field === undefined ? !optional : !check(field)) return name
    }
    return undefined
  }
}
