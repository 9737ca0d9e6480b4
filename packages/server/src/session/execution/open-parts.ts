/** A part that is open: its id in the journal, and the event that opened it, as the agent said it. */
export interface OpenPart<Opener> {
  readonly id: string
  readonly opener: Opener
}

/** Parts of one kind that may go on for a while. All are asked for by the agent's ids. */
export interface OpenParts<Opener> {
  find(agentId: string): OpenPart<Opener> | undefined
  add(agentId: string, part: OpenPart<Opener>): void
  /** Undefined where no such part is open. */
  close(agentId: string): OpenPart<Opener> | undefined
  /** Closes all, oldest first. What goes on in a later run is opened there again. */
  suspend(): OpenPart<Opener>[]
  /** What opened a part that a run's end closed and the agent did not. */
  suspended(agentId: string): Opener | undefined
  allSuspended(): Opener[]
}

/** Keeps what is open of one kind for an execution's life. */
export function openParts<Opener>(): OpenParts<Opener> {
  const open = new Map<string, OpenPart<Opener>>()
  const suspended = new Map<string, Opener>()
  return {
    find: (agentId) => open.get(agentId),
    add: (agentId, part) => void open.set(agentId, part),
    close(agentId) {
      const part = open.get(agentId)
      open.delete(agentId)
      suspended.delete(agentId)
      return part
    },
    suspend() {
      const parts = [...open.values()]
      for (const [agentId, { opener }] of open) suspended.set(agentId, opener)
      open.clear()
      return parts
    },
    suspended: (agentId) => suspended.get(agentId),
    allSuspended: () => [...suspended.values()],
  }
}
