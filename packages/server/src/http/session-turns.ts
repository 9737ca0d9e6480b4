/** Lets what concerns one session begin one after the other, and different sessions at the same time. */
export interface SessionTurns {
  /** Begins a task when each of those before it has passed its turn on, or has settled. It must not reject. */
  take(session: string, task: (passOn: () => void) => Promise<void>): void
}

/** Begins with nothing under way. */
export function sessionTurns(): SessionTurns {
  const last = new Map<string, Promise<void>>()

  return {
    take(session, task) {
      const before = last.get(session)
      const turn = new Promise<void>((passOn) => {
        const begin = () => void task(passOn).then(passOn)
        if (before === undefined) begin()
        else void before.then(begin)
      })
      last.set(session, turn)
      void turn.then(() => {
        if (last.get(session) === turn) last.delete(session)
      })
    },
  }
}
