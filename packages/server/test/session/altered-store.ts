import type { Store } from '../../src/store/port.ts'

type Methods = { readonly [Name in keyof Store as Store[Name] extends (...args: never[]) => unknown ? Name : never]: Store[Name] }

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

/** Something that a test lets through when it likes. */
export function gate() {
  let open: () => void = () => undefined
  const opened = new Promise<void>((resolve) => {
    open = resolve
  })
  return { opened, open: () => open() }
}
