import { isRecord } from '../protocol/shape.ts'
import { isObject, sameJson } from './same-json.ts'

/** The patched document, or which operation failed and so voided the whole patch. */
export type PatchVerdict = { readonly kind: 'patched'; readonly document: unknown } | { readonly kind: 'void'; readonly operation: number }

/** Deeper pointers are refused, since calls cannot be nested without end. */
const DEEPEST = 1000

/**
 * Applies a JSON Patch (RFC 6902) strictly: all six operations, all or none. The document is not changed; the new one shares with
 * it what the patch did not touch. Takes any JSON as operations, and never throws. Removing the whole document leaves null.
 */
export function applyPatch(document: unknown, operations: unknown): PatchVerdict {
  if (!Array.isArray(operations)) return { kind: 'void', operation: 0 }
  let patched = document
  for (const [operation, step] of operations.entries()) {
    patched = isRecord(step) ? applyOperation(patched, step) : undefined
    if (patched === undefined) return { kind: 'void', operation }
  }
  return { kind: 'patched', document: patched }
}

/** As all below, undefined where something is not there, or not allowed: JSON knows no undefined. */
function applyOperation(document: unknown, { op, path, from, value }: Readonly<Record<string, unknown>>): unknown {
  const keys = parsePointer(path)
  const source = parsePointer(from)
  if (keys === undefined) return undefined
  switch (op) {
    case 'add':
    case 'replace':
      return edit(document, keys, op, value)
    case 'remove':
      return edit(document, keys, op, null)
    case 'test':
      return value !== undefined && sameJson(read(document, keys), value) ? document : undefined
    case 'copy':
      return source && edit(document, keys, 'add', read(document, source))
    case 'move':
      // Into itself would leave nothing to move into.
      if (source === undefined || (source.length < keys.length && source.every((key, depth) => key === keys[depth]))) return undefined
      return edit(edit(document, source, 'remove', null), keys, 'add', read(document, source))
    default:
      return undefined
  }
}

/** The keys that an RFC 6901 pointer names, outermost first. */
function parsePointer(pointer: unknown): readonly string[] | undefined {
  if (typeof pointer !== 'string' || /^[^/]|~(?![01])/.test(pointer)) return undefined
  const keys = pointer.split('/', DEEPEST + 2).slice(1)
  return keys.length > DEEPEST ? undefined : keys.map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function read(document: unknown, keys: readonly string[]): unknown {
  let value = document
  for (const key of keys) {
    if (!isObject(value) || (Array.isArray(value) ? indexOf(key) >= value.length : !Object.hasOwn(value, key))) return undefined
    value = value[key]
  }
  return value
}

/** The document with another value at the end of a path, or with none for `remove`; containers around it are copied. */
function edit(node: unknown, [key, ...deeper]: readonly string[], op: 'add' | 'replace' | 'remove', value: unknown): unknown {
  if (key === undefined || value === undefined) return value
  const isLast = deeper.length === 0
  const isAdded = isLast && op === 'add'
  const next = isLast ? value : edit(read(node, [key]), deeper, op, value)
  if (!isObject(node) || next === undefined || (!isAdded && read(node, [key]) === undefined)) return undefined
  const isRemoved = isLast && op === 'remove'
  if (!Array.isArray(node))
    // Neither makes more of `__proto__` than an own property.
    return isRemoved ? Object.fromEntries(Object.entries(node).filter(([name]) => name !== key)) : { ...node, [key]: next }
  const index = key === '-' ? node.length : indexOf(key)
  if (index > node.length) return undefined
  return [...node.slice(0, index), ...(isRemoved ? [] : [next]), ...node.slice(isAdded ? index : index + 1)]
}

/** The index that a key of an array names: digits without leading zeros, else none. */
function indexOf(key: string): number {
  return /^(0|[1-9]\d*)$/.test(key) ? Number(key) : Infinity
}
