/** What the journal calls things of one kind, where the agent's own ids would name something else, too. */
export interface Names {
  /** The journal's id of what the agent calls so. */
  of(agentId: string): string
  /** Names something that begins now: by the agent's id, or afresh where an earlier run has that one, or where it is unfit. */
  give(agentId: string, isUnfit?: (id: string) => boolean): string
  /** Whether the journal has such a name, from this execution or from before it. */
  isUsed(id: string): boolean
  /** A further run of the execution begins: the names given so far belong to earlier runs. */
  nextRun(): void
}

/** Keeps the names of one kind for an execution's life. `isTaken` tells of what was there before it. */
export function keepNames(isTaken: (id: string) => boolean, newId: () => string): Names {
  const renamed = new Map<string, string>()
  const ofEarlierRuns = new Set<string>()
  const ofThisRun = new Set<string>()

  const of = (agentId: string) => renamed.get(agentId) ?? agentId
  const isEarlier = (id: string) => ofEarlierRuns.has(id) || isTaken(id)

  return {
    of,
    give(agentId, isUnfit = () => false) {
      let id = of(agentId)
      if (isEarlier(id) || isUnfit(id)) {
        id = newId()
        renamed.set(agentId, id)
      }
      ofThisRun.add(id)
      return id
    },
    isUsed: (id) => ofThisRun.has(id) || isEarlier(id),
    nextRun() {
      for (const id of ofThisRun) ofEarlierRuns.add(id)
      ofThisRun.clear()
    },
  }
}
