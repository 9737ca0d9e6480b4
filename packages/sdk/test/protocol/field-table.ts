/** For each field of an object: whether it may be absent, which the compiler knows, and values that it must not have. */
export type FieldTable<T> = { readonly [K in keyof T]-?: FieldRule<{} extends Pick<T, K> ? true : false> }

interface FieldRule<Optional extends boolean> {
  readonly optional: Optional
  readonly wrong: readonly unknown[]
}

/** An object that was changed: how, at which field, and what it is now. */
export type Changed = readonly [rule: string, field: string, value: Readonly<Record<string, unknown>>]

export const NOT_TEXT: readonly unknown[] = [1, true, null, [], {}]
export const NOT_COUNT: readonly unknown[] = ['1', true, null, -1, 1.5, 2 ** 53, []]
export const NOT_NUMBER: readonly unknown[] = ['1', true, null, {}]
export const NOT_BOOLEAN: readonly unknown[] = ['true', 0, null]
export const NOT_RECORD: readonly unknown[] = ['x', 1, true, null, []]
export const NOT_LIST: readonly unknown[] = ['x', 1, null, {}]
export const NOT_ID: readonly unknown[] = [...NOT_TEXT, '', 'a b', 'ä', 'x'.repeat(129)]
/** Of fields that hold any JSON. */
export const NOTHING: readonly unknown[] = []

/** A field that must be there. */
export function needed(...wrong: readonly (readonly unknown[])[]): FieldRule<false> {
  return { optional: false, wrong: wrong.flat() }
}

/** A field that may be absent. */
export function maybe(...wrong: readonly (readonly unknown[])[]): FieldRule<true> {
  return { optional: true, wrong: wrong.flat() }
}

/** Every way in which the table allows to damage a whole object: each needed field missing, each field with each wrong value. */
export function damages<T extends object>(whole: T, table: FieldTable<T>): Changed[] {
  return rulesOf(table).flatMap(([field, { optional, wrong }]): Changed[] => [
    ...(optional ? [] : [[`without ${field}`, field, without(whole, field)] as const]),
    ...wrong.map((value) => [`where ${field} is ${say(value)}`, field, { ...whole, [field]: value }] as const),
  ])
}

/** The object without each of the fields that may be absent. */
export function reductions<T extends object>(whole: T, table: FieldTable<T>): Changed[] {
  return rulesOf(table).flatMap(([field, { optional }]) => (optional ? [[`without ${field}`, field, without(whole, field)] as const] : []))
}

function rulesOf<T>(table: FieldTable<T>): [string, FieldRule<boolean>][] {
  return Object.entries(table)
}

function without(whole: object, field: string): Record<string, unknown> {
  return Object.fromEntries(Object.entries(whole).filter(([name]) => name !== field))
}

function say(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
