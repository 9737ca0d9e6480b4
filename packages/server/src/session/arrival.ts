/** What came from a client, whose answer takes a while. */
export interface Arrival {
  /** Its place among all that came: a lower one was earlier. */
  readonly order: number
  /** Whether an answer still reaches anybody. */
  readonly isWanted: () => boolean
}

/** Counts what comes. `isWanted`: as in {@link Arrival}. */
export type NoteArrival = (isWanted?: () => boolean) => Arrival

/** Begins with none. */
export function countArrivals(): NoteArrival {
  let count = 0
  return (isWanted = () => true) => ({ order: (count += 1), isWanted })
}
