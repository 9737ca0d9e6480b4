/** Those who want to be told of something. One that throws harms neither the others nor the one who tells. */
export class Listeners<Args extends readonly unknown[]> {
  readonly #listeners = new Set<{ readonly call: (...args: Args) => void }>()
  readonly #onThrown: (error: unknown) => void

  constructor(onThrown: (error: unknown) => void) {
    this.#onThrown = onThrown
  }

  get isEmpty(): boolean {
    return this.#listeners.size === 0
  }

  /** Tells this one too, until what comes back is called. */
  add(listener: (...args: Args) => void): () => void {
    const entry = { call: listener }
    this.#listeners.add(entry)
    return () => void this.#listeners.delete(entry)
  }

  tell(...args: Args): void {
    for (const { call } of this.#listeners) {
      try {
        call(...args)
      } catch (error) {
        this.#onThrown(error)
      }
    }
  }
}
