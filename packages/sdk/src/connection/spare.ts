import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { Transport } from './choose-transport.ts'
import type { Dial } from './dial.ts'
import type { Socket } from './open-socket.ts'

/** A second socket, dialled while the link is in doubt. No hello is said on it, so that two links never attach at once. */
export interface Spare {
  /** Dials, unless one is there; where it is open already, it says so again. */
  readonly dial: () => void
  /** It is not needed: whatever there is of it ends. */
  readonly drop: () => void
  /** Gives it to the next link if it is open and that runs over a WebSocket too; else it ends. */
  readonly take: (transport: Transport) => Dial | undefined
}

/** What a spare needs. */
export interface SpareOptions {
  readonly clock: Clock
  readonly log: () => Log
  readonly prepare: () => Promise<Dial>
  /** It is open, so the network and the server are there. */
  readonly onReady: () => unknown
}

/** One try at a spare, from its token to its end. */
interface Try {
  readonly timer: unknown
  ready?: { readonly dial: Dial; readonly socket: Socket }
}

// The server closes a socket that says no hello within 10 s.
const SPARE_MS = 5_000
const OPEN = 1
const NORMAL_CLOSE = 1000

/** Keeps at most one spare. */
export function keepSpare({ clock, log, prepare, onReady }: SpareOptions): Spare {
  let current: Try | undefined

  function begin(): void {
    const mine: Try = { timer: clock.setTimeout(drop, SPARE_MS) }
    current = mine
    log()?.({ type: 'spare', outcome: 'dialled' })
    start(mine).catch(() => failed(mine))
  }

  async function start(mine: Try): Promise<void> {
    const { hello, openSocket } = await prepare()
    if (current !== mine) return
    const socket = openSocket()
    mine.ready = { dial: { hello, openSocket: () => socket }, socket }
    // Without it Node's `ws` would throw.
    socket.addEventListener('error', () => undefined)
    socket.addEventListener('open', () => {
      if (current === mine) onReady()
    })
    socket.addEventListener('close', () => failed(mine))
  }

  function failed(mine: Try): void {
    if (current === mine) end('failed')
  }

  function end(outcome: 'failed' | 'dropped' | 'taken'): void {
    clock.clearTimeout(current?.timer)
    current = undefined
    log()?.({ type: 'spare', outcome })
  }

  function drop(): void {
    if (!current) return
    const { ready } = current
    end('dropped')
    ready?.socket.close(NORMAL_CLOSE, 'spare')
  }

  return {
    dial: () => {
      if (current?.ready?.socket.readyState === OPEN) onReady()
      else if (!current) begin()
    },
    drop,
    take: (transport) => {
      const ready = current?.ready
      if (transport !== 'websocket' || ready?.socket.readyState !== OPEN) {
        drop()
        return undefined
      }
      end('taken')
      return ready.dial
    },
  }
}
