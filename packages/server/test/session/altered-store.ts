import { createMemoryStore } from '../../src/store/memory-store.ts'
import type { Store } from '../../src/store/port.ts'
import { gate } from './gate.ts'

type Methods = { readonly [Name in keyof Store as Store[Name] extends (...args: never[]) => unknown ? Name : never]: Store[Name] }

type Awaited = { [Name in keyof Store]: Store[Name] extends (...args: never[]) => Promise<unknown> ? Name : never }[keyof Store]

/** A store with some methods replaced; each may call the one it replaces. */
export function alteredStore(store: Store, alter: (store: Store) => Partial<Methods>): Store {
  const altered = alter(store)
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(altered, name) ?? Reflect.get(target, name)
      return typeof value === 'function' ? (value.bind(target) as unknown) : value
    },
  })
}

/** A store of which a test holds one method: what is asked of it between `hold` and `open` is done when it is opened. */
export function heldStore(method: Awaited, inner: Store = createMemoryStore()) {
  let way = gate()
  way.open()
  const ask = inner[method].bind(inner) as (...args: readonly unknown[]) => Promise<unknown>
  const store = alteredStore(inner, () => ({
    [method]: async (...args: readonly unknown[]) => {
      await way.opened
      return ask(...args)
    },
  }))
  return {
    store,
    hold() {
      way = gate()
    },
    open: () => way.open(),
  }
}
