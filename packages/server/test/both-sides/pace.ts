/** How fast everything outside the code under test goes: slowly enough that other things happen in between. */
export interface Pace {
  /** Lets other things happen, for a random while that needs no time. */
  readonly pause: () => Promise<void>
  /** Waits until nobody pauses any more, and everything that follows has happened. */
  readonly settle: () => Promise<void>
}

const nextTurn = () => new Promise<void>((resolve) => void setImmediate(resolve))

/** Sets a pace. */
export function openPace(random: () => number): Pace {
  let pausing = 0
  return {
    pause: async () => {
      pausing += 1
      for (let turns = Math.floor(random() * 3); turns > 0; turns -= 1) await nextTurn()
      pausing -= 1
    },
    settle: async () => {
      // An answer over HTTP takes some turns of its own.
      for (let quiet = 0; quiet < 3; quiet = pausing > 0 ? 0 : quiet + 1) await nextTurn()
    },
  }
}
