/** An agent's generator at work. */
export interface AgentPull {
  /** Looks again whether the agent may be pulled. */
  wake(): void
  /** Pulls no further; what the agent yields from now on is dropped, and its generator is closed. */
  close(): void
  /** Settles when the agent has returned; never rejects. */
  readonly returned: Promise<void>
}

export interface PullAgentOptions {
  /** Calls the agent, in a later turn than this one; undefined where it is not to be called any more. */
  readonly call: () => AsyncIterable<unknown> | undefined
  /** Settles when the agent may be pulled; undefined where it may be at once. */
  readonly room: () => Promise<void> | undefined
  readonly onYield: (value: unknown) => void
  readonly onReturn: () => void
  readonly onThrow: (error: unknown) => void
  /** Settles after everything else that is ready had its turn. */
  readonly turn: () => Promise<void>
}

/** So many events in a row may come from an agent that waits for nothing; then everything else gets its turn, a stop among it. */
const YIELDS_A_TURN = 512

/** Pulls an agent's events one after another, each after there is room for it. */
export function pullAgent(options: PullAgentOptions): AgentPull {
  let iterator: AsyncIterator<unknown> | undefined
  let isClosed = false
  let closed: Promise<void> | undefined
  let wake: (() => void) | undefined

  async function pull(): Promise<void> {
    // The caller must have hold of the execution before the agent does anything with it.
    await Promise.resolve()
    try {
      const events = iteratorOf(options.call())
      if (events === undefined) return
      iterator = events
      for (let yields = 1; ; yields += 1) {
        // Most often there is room, and each wait for nothing would cost a token two turns of the queue.
        const room = options.room()
        if (room !== undefined) await untilRoom(room)
        if (isClosed) break
        const step = await events.next()
        if (isClosed) break
        if (step.done === true) return options.onReturn()
        options.onYield(step.value)
        if (yields % YIELDS_A_TURN === 0) await options.turn()
      }
    } catch (error) {
      if (!isClosed) options.onThrow(error)
    }
    await closed
  }

  async function untilRoom(first: Promise<void>): Promise<void> {
    for (let room: Promise<void> | undefined = first; room !== undefined; room = isClosed ? undefined : options.room()) {
      const offered = room
      await new Promise<void>((resolve) => {
        wake = resolve
        offered.then(resolve, resolve)
      })
    }
  }

  /** Closing waits for what the generator is doing just now, and may fail as its own clean-up fails. */
  async function closeIterator(): Promise<void> {
    try {
      await iterator?.return?.()
    } catch {
      // The run is over, and nobody is left to be told.
    }
  }

  return {
    wake: () => wake?.(),
    close() {
      if (isClosed) return
      isClosed = true
      closed = closeIterator()
      wake?.()
    },
    returned: pull(),
  }
}

function iteratorOf(iterable: AsyncIterable<unknown> | undefined): AsyncIterator<unknown> | undefined {
  if (iterable === undefined) return undefined
  if (typeof iterable[Symbol.asyncIterator] !== 'function') throw new TypeError('the agent function returned no async iterable')
  return iterable[Symbol.asyncIterator]()
}
