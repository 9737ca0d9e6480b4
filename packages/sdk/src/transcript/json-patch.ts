import { isRecord } from '../protocol/shape.ts'
import { sameJson } from './same-json.ts'

/** The patched document, or which operation failed and so voided the whole patch. */
export type PatchVerdict = { readonly kind: 'patched'; readonly document: unknown } | { readonly kind: 'void'; readonly operation: number }

/**
 * Applies a JSON Patch (RFC 6902) strictly: all six operations, all or none. The document is not changed; the new one shares with
 * it what the patch did not touch. Takes any JSON as operations, and never throws. Removing the whole document leaves null.
 */
export function applyPatch(document: unknown, operations: unknown): PatchVerdict {
  if (!Array.isArray(operations)) return { kind: 'void', operation: 0 }
  let patched = document
  for (const [index, operation] of operations.entries()) {
    const next = isRecord(operation) ? applyOperation(patched, operation) : undefined
    if (next === undefined) return { kind: 'void', operation: index }
    patched = next
  }
  return { kind: 'patched', document: patched }
}

type Path = readonly string[]

/** What a container becomes by a change at one of its keys; undefined where that is not allowed. As all here: JSON knows no undefined. */
type Change = (container: object, key: string) => unknown

function applyOperation(document: unknown, operation: Readonly<Record<string, unknown>>): unknown {
  const { op, value } = operation
  const path = parsePointer(operation['path'])
  const from = parsePointer(operation['from'])
  if (path === undefined) return undefined
  switch (op) {
    case 'add':
      return add(document, path, value)
    case 'remove':
      return remove(document, path)
    case 'replace':
      return read(document, path) === undefined ? undefined : changeAt(document, path, value, replacing(value))
    case 'test':
      return value !== undefined && sameJson(read(document, path), value) ? document : undefined
    case 'copy':
      return from && add(document, path, read(document, from))
    case 'move':
      // Into itself would leave nothing to move into.
      if (from === undefined || (from.length < path.length && from.every((key, depth) => key === path[depth]))) return undefined
      return add(remove(document, from), path, read(document, from))
    default:
      return undefined
  }
}

/** The keys that an RFC 6901 pointer names, outermost first. */
function parsePointer(pointer: unknown): Path | undefined {
  if (typeof pointer !== 'string' || /^[^/]|~(?![01])/.test(pointer)) return undefined
  return pointer
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function read(document: unknown, path: Path): unknown {
  let value = document
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !has(value, key)) return undefined
    value = (value as Readonly<Record<string, unknown>>)[key]
  }
  return value
}

function add(document: unknown, path: Path, value: unknown): unknown {
  return changeAt(document, path, value, (container, key) => {
    if (!Array.isArray(container)) return replacing(value)(container, key)
    const index = key === '-' ? container.length : indexOf(key)
    return index > container.length ? undefined : [...container.slice(0, index), value, ...container.slice(index)]
  })
}

function remove(document: unknown, path: Path): unknown {
  return changeAt(document, path, null, (container, key) => {
    if (!has(container, key)) return undefined
    if (Array.isArray(container)) return container.filter((_, index) => index !== indexOf(key))
    return Object.fromEntries(Object.entries(container).filter(([name]) => name !== key))
  })
}

/** A literal with a computed key makes an own property of any name; an assignment to `__proto__` would not. */
function replacing(value: unknown): Change {
  return (container, key) =>
    Array.isArray(container)
      ? container.map((item: unknown, index) => (index === indexOf(key) ? value : item))
      : { ...container, [key]: value }
}

/** Changes the container that a path ends in, and copies those around it. In loops, since a path may be longer than calls may be deep. */
function changeAt(document: unknown, path: Path, root: unknown, change: Change): unknown {
  if (document === undefined || root === undefined) return undefined
  const around: { readonly container: object; readonly key: string }[] = []
  let inner: unknown = document
  for (const key of path) {
    if (typeof inner !== 'object' || inner === null) return undefined
    around.push({ container: inner, key })
    inner = read(inner, [key])
  }
  const innermost = around.pop()
  let changed = innermost === undefined ? root : change(innermost.container, innermost.key)
  for (const { container, key } of around.reverse()) {
    if (changed === undefined) return undefined
    changed = replacing(changed)(container, key)
  }
  return changed
}

function has(container: object, key: string): boolean {
  return Array.isArray(container) ? indexOf(key) < container.length : Object.hasOwn(container, key)
}

/** The index that a key of an array names: digits without leading zeros, else none. */
function indexOf(key: string): number {
  return /^(0|[1-9]\d*)$/.test(key) ? Number(key) : Infinity
}
