/**
 * A check of one value: whether it has the form that its place in a frame promises. Where only something inside it has not, it may
 * answer with the path to that.
 */
export type Check = (value: unknown) => boolean | string

/** The fields of an object, each with its check; a name that ends in `?` may be absent. Fields beyond these are allowed. */
export type Shape = Readonly<Record<string, Check>>

export function isText(value: unknown): value is string {
  return typeof value === 'string'
}
export const isNumber: Check = Number.isFinite
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
  return (value) => Array.isArray(value) && each(value, check)
}

/** An object whose values all pass. */
export function recordOf(check: Check): Check {
  return (value) => isRecord(value) && each(value, check)
}

/** An object with these fields. */
export function object(shape: Shape): Check {
  const fault = faultFinder(shape)
  return (value) => isRecord(value) && (fault(value) ?? true)
}

/**
 * Prepares a shape for many checks: what comes back names the first field of an object that is not as the shape says, with the path to
 * what is wrong inside it.
 */
export function faultFinder(shape: Shape): (value: Record<string, unknown>) => string | undefined {
  const fields = Object.entries(shape).map(([name, check]) =>
    name.endsWith('?') ? { name: name.slice(0, -1), optional: true, check } : { name, optional: false, check },
  )
  return (value) => {
    for (const { name, optional, check } of fields) {
      const field = value[name]
      const verdict = field === undefined ? optional : check(field)
      if (verdict !== true) return pathOf(name, verdict)
    }
    return undefined
  }
}

function each(values: object, check: Check): true | string {
  for (const [name, value] of Object.entries(values)) {
    const verdict = check(value)
    if (verdict !== true) return pathOf(name, verdict)
  }
  return true
}

function pathOf(name: string, verdict: false | string): string {
  return verdict === false ? name : `${name}.${verdict}`
}
