/** A target whose methods are carried out one after the other, as a browser does it with the transactions of one page. */
export function inOrder<Target extends object>(target: Target): Target {
  let last: Promise<unknown> = Promise.resolve()
  return new Proxy(target, {
    get(of, name) {
      const value: unknown = Reflect.get(of, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) => {
        const result = last.then((): unknown => Reflect.apply(value, of, args))
        last = result.catch(() => undefined)
        return result
      }
    },
  })
}
