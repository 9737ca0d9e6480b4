/** Lets tasks happen one after the other, in the order in which they were given, whatever becomes of those before. */
export type Turns = <Result>(task: () => Promise<Result>) => Promise<Result>

/** Begins with nothing under way. */
export function takeTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve()
  return (task) => {
    const taken = last.then(task)
    last = taken.catch(() => undefined)
    return taken
  }
}
