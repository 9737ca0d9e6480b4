import { Refusal } from './refusal.ts'

/** Those who wait until nothing runs in a session, to go before all that is queued. */
export interface Holds {
  /** Settles when it is one's turn; rejects where the session is let go of before. */
  wait(): Promise<void>
  /** Lets the first go; says whether there was one. */
  letGo(): boolean
  /** Nobody's turn will come. */
  refuseAll(): void
}

/** Begins with nobody. */
export function openHolds(): Holds {
  const waiting: { readonly resolve: () => void; readonly reject: (error: Refusal) => void }[] = []

  return {
    wait() {
      const held = new Promise<void>((resolve, reject) => waiting.push({ resolve, reject }))
      // Whoever holds may look at something else first.
      held.catch(() => undefined)
      return held
    },
    letGo() {
      const first = waiting.shift()
      first?.resolve()
      return first !== undefined
    },
    refuseAll() {
      for (const { reject } of waiting.splice(0)) reject(letGoOf())
    },
  }
}

/** The refusal of what a session could have begun, were it not let go of. */
export function letGoOf(): Refusal {
  return new Refusal('unavailable', 'the session is let go of here: try again', { retryMs: 1000 })
}
