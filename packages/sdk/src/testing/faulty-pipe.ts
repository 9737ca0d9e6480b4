import type { Socket } from 'node:net'
import type { Fate } from './frame-faults.ts'
import type { Piece, Splitter } from './web-socket-frames.ts'

/** One way through a connection. */
export interface FaultyPipe {
  /** From now on nothing passes; it waits. */
  readonly hold: () => void
  /** What waits passes, and everything that follows. */
  readonly release: () => void
  /** From now on nothing passes, and nothing ever will. */
  readonly lose: () => void
  /** Tells the far end that this way is over (FIN). What its source still says is lost. */
  readonly finish: () => void
}

/** What a pipe works with. */
export interface FaultyPipeOptions {
  readonly from: Socket
  readonly to: Socket
  readonly splitter: Splitter
  readonly fateOf: (piece: Piece) => Fate
  readonly delayMs: () => number
  readonly cut: () => void
}

/** As much may wait for its time; then the source is no longer read, and notices, as it would of a full network. */
const MOST_WAITING_BYTES = 1024 * 1024

/** What was written must be read before a reset: behind one the kernel keeps nothing that waits, and a reader may take both for a plain end. */
const ARRIVAL_MS = 10

/** Passes on what one end says: bytes in their order, then how it ended, each after the delay. */
export function faultyPipe({ from, to, splitter, fateOf, delayMs, cut }: FaultyPipeOptions): FaultyPipe {
  let state: 'flowing' | 'held' | 'lost' | 'finished' = 'flowing'
  let queue: { readonly at: number; readonly bytes: number; readonly act: () => void }[] = []
  let timer: NodeJS.Timeout | undefined

  function enqueue(act: () => void, bytes = 0): void {
    if (state === 'lost' || state === 'finished') return
    queue.push({ at: performance.now() + delayMs(), bytes, act })
    pump()
  }

  function pump(): void {
    clearTimeout(timer)
    for (let waitMs = nextMs(); waitMs <= 0; waitMs = nextMs()) queue.shift()?.act()
    const waitMs = nextMs()
    if (Number.isFinite(waitMs)) timer = setTimeout(pump, Math.ceil(waitMs))
    throttle()
  }

  /** Nothing overtakes what waits before it, also where the delay became shorter. */
  function nextMs(): number {
    const next = state === 'flowing' ? queue[0] : undefined
    return next === undefined ? Number.POSITIVE_INFINITY : next.at - performance.now()
  }

  /** Reads from the source as fast as the far end takes it. Of a connection that nobody reads from an end is not noticed either. */
  function throttle(): void {
    const waiting = queue.reduce((sum, { bytes }) => sum + bytes, 0)
    const isOpen = state === 'finished' || (state === 'flowing' && !to.writableNeedDrain && waiting < MOST_WAITING_BYTES)
    if (isOpen) from.resume()
    else from.pause()
  }

  function hear(chunk: Buffer): void {
    for (const piece of splitter.split(chunk)) {
      const { bytes, cut: isCut } = fateOf(piece)
      if (bytes.length > 0) enqueue(() => to.write(bytes), bytes.length)
      if (!isCut) continue
      from.off('data', hear)
      return enqueue(() => setTimeout(cut, ARRIVAL_MS))
    }
  }

  from.on('data', hear)
  from.on('end', () => {
    const rest = splitter.rest()
    enqueue(() => to.end(rest))
  })
  from.on('error', () => enqueue(() => to.resetAndDestroy()))
  to.on('close', () => clearTimeout(timer))
  to.on('drain', throttle)

  return {
    hold: () => {
      if (state === 'flowing') state = 'held'
      pump()
    },
    release: () => {
      if (state === 'held') state = 'flowing'
      pump()
    },
    lose: () => {
      state = 'lost'
      queue = []
      pump()
    },
    finish: () => {
      state = 'finished'
      queue = []
      to.end()
      pump()
    },
  }
}
