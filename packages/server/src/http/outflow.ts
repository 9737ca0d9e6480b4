import { takeTurns } from '../session/turns.ts'
import type { Timers } from '../timers.ts'

/** The most that waits on a link, unless a single frame is larger. */
const MOST_WAITING_BYTES = 256 * 1024

/** How large a batch is, unless a single event is larger. */
const BATCH_BYTES = 64 * 1024

/** A batch must still fit where there is room. */
const ROOM_BYTES = MOST_WAITING_BYTES - BATCH_BYTES

/**
 * How much the socket is given before it has passed on what it has; a larger frame goes in pieces. What the socket buffers moves out of sight, in
 * one leap at its end: a link that is slow but alive could not be told from one that is stuck.
 */
const IN_FLIGHT_BYTES = 64 * 1024

/** After how long without progress a link with data waiting is given up. */
export const STALL_MS = 15_000

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

/** A frame, or a piece of one. */
interface Piece {
  readonly bytes: Buffer
  readonly isLast: boolean
}

/** Who waits for room, or for the end of the link. */
interface Waiter {
  readonly onRoom: () => void
  readonly onOver: () => void
}

type OutflowState = { readonly kind: 'open' | 'stopped' } | { readonly kind: 'ending'; readonly done: () => void }

const OPEN: OutflowState = { kind: 'open' }
const STOPPED: OutflowState = { kind: 'stopped' }
const ignore = () => {}

/** What leaves over one link: in order, counted, and never more at once than the socket takes. */
export class Outflow {
  readonly #start: OutflowStart
  readonly #queue: Piece[] = []
  readonly #waiters: Waiter[] = []
  readonly #turns = takeTurns()
  #state = OPEN
  #queuedBytes = 0
  #inFlightBytes = 0
  #keptBytes = 0
  #isMidFrame = false
  #movedAt = 0
  #stallTimer: unknown

  constructor(start: OutflowStart) {
    this.#start = start
  }

  send(frame: Buffer): void {
    if (this.#state.kind !== 'open') return
    this.#put(frame)
    this.#handOver()
  }

  /** Whether another batch may be sent. */
  hasRoom(): boolean {
    return this.#state.kind === 'open' && this.#waitingBytes() + this.#keptBytes <= ROOM_BYTES
  }

  /** Calls back once, when there is room. */
  whenRoom(callback: () => void): void {
    this.#wait({ onRoom: callback, onOver: ignore })
  }

  /** Keeps room for a batch, until the answer is called. */
  keepRoom(): () => void {
    let isKept = true
    this.#keptBytes += BATCH_BYTES
    return () => {
      if (!isKept) return
      isKept = false
      this.#keptBytes -= BATCH_BYTES
      if (this.#waiters.length > 0) this.#offerRoomSoon()
    }
  }

  /** Sends what may be large: one at a time is prepared, where there is room, and sent, where there still is. Settles also when that can be no more. */
  inTurn(prepare: () => Promise<() => void>): Promise<void> {
    return this.#turns(async () => {
      await this.#onceRoom(ignore)
      if (this.#state.kind !== 'open') return
      await this.#onceRoom(await prepare())
    })
  }

  /**
   * Takes nothing more, and calls back when the socket has passed on what waits. A last word goes ahead of all frames that have not begun, which are
   * forgotten; it does not wait for what is in flight.
   */
  end(done: () => void, lastWord?: Buffer): void {
    if (this.#state.kind !== 'open') return
    this.#state = { kind: 'ending', done }
    this.#dismissWaiters()
    if (lastWord !== undefined) {
      this.#forgetUnbegun()
      this.#put(lastWord)
      this.#handOver(this.#isMidFrame ? IN_FLIGHT_BYTES : Infinity)
    }
    if (this.#waitingBytes() === 0) done()
  }

  /** Forgets what waits; nothing is sent or called back any more. */
  stop(): void {
    this.#state = STOPPED
    this.#start.timers.clearTimeout(this.#stallTimer)
    this.#queue.length = 0
    this.#dismissWaiters()
  }

  /** Settles when the task was done, at a moment when there was room, or when the link is over. */
  #onceRoom(task: () => void): Promise<void> {
    return new Promise((resolve) => {
      const onRoom = () => {
        task()
        resolve()
      }
      this.#wait({ onRoom, onOver: resolve })
    })
  }

  #wait(waiter: Waiter): void {
    if (this.#state.kind !== 'open') return waiter.onOver()
    this.#waiters.push(waiter)
    if (this.hasRoom()) this.#offerRoomSoon()
  }

  #dismissWaiters(): void {
    for (const { onOver } of this.#waiters.splice(0)) onOver()
  }

  #put(frame: Buffer): void {
    const { timers } = this.#start
    if (this.#waitingBytes() === 0) this.#movedAt = timers.now()
    // Most frames are small: a piece of their own would be one more object for each viewer of each frame.
    if (frame.length <= IN_FLIGHT_BYTES) this.#queue.push({ bytes: frame, isLast: true })
    else
      for (let from = 0; from < frame.length; from += IN_FLIGHT_BYTES)
        this.#queue.push({ bytes: frame.subarray(from, from + IN_FLIGHT_BYTES), isLast: from + IN_FLIGHT_BYTES >= frame.length })
    this.#queuedBytes += frame.length
    this.#stallTimer ??= timers.setTimeout(() => this.#checkForStall(), STALL_MS)
  }

  #handOver(mostInFlight = IN_FLIGHT_BYTES): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const { length } = next.bytes
      if (this.#inFlightBytes > 0 && this.#inFlightBytes + length > mostInFlight) return
      this.#queue.shift()
      this.#queuedBytes -= length
      this.#inFlightBytes += length
      this.#isMidFrame = !next.isLast
      this.#start.write(next.bytes, next.isLast, () => this.#passed(length))
    }
  }

  #passed(length: number): void {
    if (this.#state.kind === 'stopped') return
    this.#inFlightBytes -= length
    this.#movedAt = this.#start.timers.now()
    // Without a backlog the bytes only reached the kernel, which takes them for a peer that is long gone too.
    if (this.#queue.length > 0) this.#start.onMoved()
    this.#handOver()
    this.#offerRoom()
    if (this.#state.kind === 'ending' && this.#waitingBytes() === 0) this.#state.done()
  }

  #offerRoomSoon(): void {
    queueMicrotask(() => this.#offerRoom())
  }

  // One at a time: the first may take all the room there is.
  #offerRoom(): void {
    while (this.hasRoom()) {
      const waiter = this.#waiters.shift()
      if (waiter === undefined) return
      waiter.onRoom()
    }
  }

  #waitingBytes(): number {
    return this.#queuedBytes + this.#inFlightBytes
  }

  #forgetUnbegun(): void {
    const begun = this.#isMidFrame ? this.#queue.findIndex(({ isLast }) => isLast) + 1 : 0
    for (const { bytes } of this.#queue.splice(begun)) this.#queuedBytes -= bytes.length
  }

  // The timer is left to run out by itself: setting one for each frame would cost more than the frame.
  #checkForStall(): void {
    const { timers, onStalled } = this.#start
    this.#stallTimer = undefined
    if (this.#waitingBytes() === 0) return
    const stillMs = timers.now() - this.#movedAt
    if (stillMs >= STALL_MS) onStalled()
    else this.#stallTimer = timers.setTimeout(() => this.#checkForStall(), STALL_MS - stillMs)
  }
}
