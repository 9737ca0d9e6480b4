/** Lets what concerns one session happen one after the other, and different sessions at the same time. */
export interface SessionTurns {
  /** Begins a task when those before it have settled; it must not reject. */
  take(session: string, task: () => Promise<void>): void
}

/** Begins with nothing under way. */
export function sessionTurns(): SessionTurns {
  const last = new Map<string, Promise<void>>()

  return {
    take(session, task) {
      const before = last.get(session)
      const turn = before === undefined ? task() : before.then(task)
      last.set(session, turn)
      void turn.then(() => {
        if (last.get(session) === turn) last.delete(session)
      })
    },
  }
}
