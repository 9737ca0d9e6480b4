import { EventEmitter } from 'eventemitter3'

/** Listeners by event name; each event with the arguments its listeners get. */
export interface Listeners<Events extends Record<keyof Events, readonly unknown[]>> {
  /** Adds a listener; what comes back removes it. */
  on<Name extends keyof Events & string>(name: Name, listener: (...args: Events[Name]) => void): () => void
  /** Tells those that are there now, each for itself; says whether there are any. */
  emit<Name extends keyof Events & string>(name: Name, ...args: Events[Name]): boolean
  has(name: keyof Events & string): boolean
  clear(): void
}

/** Makes listeners of which none can harm another, or the emitter: what one throws is reported. */
export function createListeners<Events extends Record<keyof Events, readonly unknown[]>>(
  report: (error: unknown, name: keyof Events) => void,
): Listeners<Events> {
  const emitter = new EventEmitter()
  return {
    on: (name, listener) => {
      const guarded = (...args: unknown[]) => {
        try {
          // The emitter passes on what `emit` below was given.
          listener(...(args as never))
        } catch (error) {
          report(error, name)
        }
      }
      emitter.on(name, guarded)
      return () => {
        emitter.off(name, guarded)
      }
    },
    emit: (name, ...args) => emitter.emit(name, ...args),
    has: (name) => emitter.listenerCount(name) > 0,
    clear: () => {
      emitter.removeAllListeners()
    },
  }
}

/** Puts an error that nobody takes where the platform puts such errors; where it has no place for them, it ends here. */
export function reportUncaught(error: unknown): void {
  ;(globalThis as { reportError?: (error: unknown) => void }).reportError?.(error)
}
