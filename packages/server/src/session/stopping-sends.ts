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
  /** Takes back those that a stop names: they must not start any more. Says whether there were any; one that has started is none. */
  takeBack(stop: Pick<StopFrame, 'message' | 'queue'>): boolean
  isTakenBack(frame: SendFrame): boolean
  /** One starts now, if it is one of them: its run is what a stop has to name. */
  started(frame: SendFrame): void
}

interface Waiting {
  readonly frame: SendFrame
  readonly settled: Promise<void>
  state: 'waiting' | 'taken back' | 'started'
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
      const waiting: Waiting = { frame, settled, state: 'waiting' }
      all.push(waiting)
      try {
        return await result
      } finally {
        all.splice(all.indexOf(waiting), 1)
      }
    },
    isWaiting: () => all.length > 0,
    takeBack({ message, queue }) {
      const isNamed = ({ frame }: Waiting) => queue === true || (message !== undefined && frame.message?.id === message)
      const named = all.filter((one) => one.state === 'waiting' && isNamed(one))
      for (const waiting of named) waiting.state = 'taken back'
      return named.length > 0
    },
    isTakenBack: (frame) => find(frame)?.state === 'taken back',
    started(frame) {
      const waiting = find(frame)
      if (waiting !== undefined) waiting.state = 'started'
    },
  }
}
