import type { KeyValueStorage } from '../src/index.ts'

/** A storage that keeps some of its answers back until the test releases them. */
export interface HeldStorage {
  readonly storage: KeyValueStorage
  readonly release: () => void
}

/** Holds what is read of such keys: it is read at once, and given later. */
export function heldReads(storage: KeyValueStorage, part: string): HeldStorage {
  const { held, release } = gate()
  const get = async (key: string) => {
    const text = await storage.get(key)
    if (key.includes(part)) await held
    return text
  }
  return { storage: { ...storage, get }, release }
}

/** Holds what is written to such keys, without transactions: it is written later. */
export function heldWrites(storage: KeyValueStorage, part = ''): HeldStorage {
  const { held, release } = gate()
  const { get, delete: remove, keys } = storage
  const set = async (key: string, value: string) => {
    if (key.includes(part)) await held
    return storage.set(key, value)
  }
  return { storage: { get, set, delete: remove, keys }, release }
}

function gate(): { readonly held: Promise<void>; readonly release: () => void } {
  let open: (() => void) | undefined
  const held = new Promise<void>((resolve) => {
    open = resolve
  })
  return { held, release: () => open?.() }
}
