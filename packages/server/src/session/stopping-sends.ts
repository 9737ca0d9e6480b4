import type { CommandResult, SendFrame, StopFrame } from '@throughline/sdk/protocol'

/** The sends of a session that stop what runs, and wait until that is over. */
export interface StoppingSends {
  /**
   * Lets one wait: `stopFirst` stops what runs now. Behind others it is taken `again` when they are settled: what it is to stop may only begin
   * with them.
   */
  wait(
    frame: SendFrame,
    how: { readonly stopFirst: () => Promise<CommandResult>; readonly again: () => Promise<CommandResult> },
  ): Promise<CommandResult>
  /** Whether there is one: until it is settled, nothing that came after it may start. */
  isWaiting(): boolean
  /** Takes back those that a stop names: they must not start any more. Says whether there were any. */
  takeBack(stop: StopFrame): boolean
  isTakenBack(frame: SendFrame): boolean
}

interface Waiting {
  readonly frame: SendFrame
  readonly settled: Promise<void>
  isTakenBack: boolean
}

/** Begins without any. */
export function stoppingSends(): StoppingSends {
  const all: Waiting[] = []
  const find = (frame: SendFrame) => all.find((one) => one.frame === frame)

  return {
    async wait(frame, { stopFirst, again }) {
      // Its turn had come, but something runs again.
      if (find(frame) !== undefined) return stopFirst()
      const before = all.at(-1)
      const result = before === undefined ? stopFirst() : before.settled.then(again)
      const settled = result.then(
        () => undefined,
        () => undefined,
      )
      const waiting: Waiting = { frame, settled, isTakenBack: false }
      all.push(waiting)
      try {
        return await result
      } finally {
        all.splice(all.indexOf(waiting), 1)
      }
    },
    isWaiting: () => all.length > 0,
    takeBack({ message, queue }) {
      const named = all.filter(({ frame }) => queue === true || (message !== undefined && frame.message?.id === message))
      for (const waiting of named) waiting.isTakenBack = true
      return named.length > 0
    },
    isTakenBack: (frame) => find(frame)?.isTakenBack === true,
  }
}
