import type { Timers } from '../timers.ts'

/** The most that waits on a link, unless a single frame is larger. */
const MOST_WAITING_BYTES = 256 * 1024

/** A batch must still fit where there is room. */
const ROOM_BYTES = MOST_WAITING_BYTES - 64 * 1024

/**
 * How much the socket is given before it has passed on what it has; a larger frame goes in pieces. What the socket buffers moves out of sight, in
 * one leap at its end: a link that is slow but alive could not be told from one that is stuck.
 */
const IN_FLIGHT_BYTES = 64 * 1024

/** After how long without progress a link with data waiting is given up. */
const STALL_MS = 15_000

/** What leaves over one link: in order, counted, and never more at once than the socket takes. */
export interface Outflow {
  readonly send: (frame: Buffer) => void
  /** Whether another batch may be sent. */
  readonly hasRoom: () => boolean
  /** Calls back once, when there is room. */
  readonly whenRoom: (callback: () => void) => void
  /** Takes nothing more, and calls back when the socket has passed on what waits. */
  readonly end: (done: () => void) => void
  /** Forgets what waits; nothing is sent or called back any more. */
  readonly stop: () => void
}

/** What an outflow works with. */
export interface OutflowStart {
  readonly timers: Timers
  /** Hands a frame, or a piece of one, to the socket, which calls back when it has passed it on. */
  readonly write: (piece: Buffer, isLast: boolean, passed: () => void) => void
  /** Some of a backlog went out: the other side still takes data. */
  readonly onMoved: () => void
  /** Nothing went out for 15 s although something waits. */
  readonly onStalled: () => void
}

/** Opens the way out of one link. */
export function openOutflow({ timers, write, onMoved, onStalled }: OutflowStart): Outflow {
  const queue: { readonly bytes: Buffer; readonly isLast: boolean }[] = []
  const waiters: (() => void)[] = []
  let queuedBytes = 0
  let inFlightBytes = 0
  let movedAt = 0
  let stallTimer: unknown
  let state: { readonly kind: 'open' | 'stopped' } | { readonly kind: 'ending'; readonly done: () => void } = { kind: 'open' }

  function send(frame: Buffer): void {
    if (state.kind !== 'open') return
    if (waitingBytes() === 0) movedAt = timers.now()
    // Most frames are small: a piece of their own would be one more object for each viewer of each frame.
    if (frame.length <= IN_FLIGHT_BYTES) queue.push({ bytes: frame, isLast: true })
    else
      for (let from = 0; from < frame.length; from += IN_FLIGHT_BYTES)
        queue.push({ bytes: frame.subarray(from, from + IN_FLIGHT_BYTES), isLast: from + IN_FLIGHT_BYTES >= frame.length })
    queuedBytes += frame.length
    handOver()
    stallTimer ??= timers.setTimeout(checkForStall, STALL_MS)
  }

  function handOver(): void {
    for (let next = queue[0]; next !== undefined; next = queue[0]) {
      const { length } = next.bytes
      if (inFlightBytes > 0 && inFlightBytes + length > IN_FLIGHT_BYTES) return
      queue.shift()
      queuedBytes -= length
      inFlightBytes += length
      write(next.bytes, next.isLast, () => passed(length))
    }
  }

  function passed(length: number): void {
    if (state.kind === 'stopped') return
    inFlightBytes -= length
    movedAt = timers.now()
    // Without a backlog the bytes only reached the kernel, which takes them for a peer that is long gone too.
    if (queue.length > 0) onMoved()
    handOver()
    offerRoom()
    if (state.kind === 'ending' && waitingBytes() === 0) state.done()
  }

  // One at a time: the first may take all the room there is.
  function offerRoom(): void {
    while (hasRoom()) {
      const waiter = waiters.shift()
      if (waiter === undefined) return
      waiter()
    }
  }

  function hasRoom(): boolean {
    return state.kind === 'open' && waitingBytes() <= ROOM_BYTES
  }

  function waitingBytes(): number {
    return queuedBytes + inFlightBytes
  }

  // The timer is left to run out by itself: setting one for each frame would cost more than the frame.
  function checkForStall(): void {
    stallTimer = undefined
    if (waitingBytes() === 0) return
    const stillMs = timers.now() - movedAt
    if (stillMs >= STALL_MS) onStalled()
    else stallTimer = timers.setTimeout(checkForStall, STALL_MS - stillMs)
  }

  return {
    send,
    hasRoom,
    whenRoom(callback) {
      waiters.push(callback)
      if (hasRoom()) queueMicrotask(offerRoom)
    },
    end(done) {
      if (state.kind !== 'open') return
      state = { kind: 'ending', done }
      waiters.length = 0
      if (waitingBytes() === 0) done()
    },
    stop() {
      state = { kind: 'stopped' }
      timers.clearTimeout(stallTimer)
      queue.length = 0
      waiters.length = 0
    },
  }
}
