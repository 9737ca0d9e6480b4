import type { Store } from '../../src/store/port.ts'

/**
 * A store that lets other things happen before and after everything it does. A store that answers in the same turn hides what goes
 * wrong where replay and append do not take turns.
 */
export function yieldingStore(store: Store, random: () => number): Store {
  const pause = async () => {
    for (let turns = Math.floor(random() * 3); turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve))
  }
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      // What listens is not asked and answered: it must begin at once.
      if (String(name).startsWith('watch')) return value.bind(target) as unknown
      return async (...args: unknown[]) => {
        await pause()
        const answer: unknown = await Reflect.apply(value, target, args)
        await pause()
        return answer
      }
    },
  })
}
