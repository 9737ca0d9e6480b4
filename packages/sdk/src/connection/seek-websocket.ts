import type { Clock } from '../clock.ts'
import { openLink, type Link } from './link.ts'
import type { Dial } from './dial.ts'

/** What looking for a WebSocket needs. */
export interface SeekWebSocketOptions {
  readonly clock: Clock
  /** When the first one is tried. */
  readonly firstMs: number
  readonly prepare: () => Promise<Dial>
  /** Whether nobody would see that it works, or nothing can: then none is tried. */
  readonly isAway: () => boolean
  /** One was welcome. */
  readonly onFound: () => void
}

const EVERY_MS = 300_000

/** Tries a WebSocket on the side now and then, until one is welcome. What comes back stops it. */
export function seekWebSocket({ clock, firstMs, prepare, isAway, onFound }: SeekWebSocketOptions): () => void {
  let timer: unknown
  let link: Link | undefined
  let isOver = false

  async function attempt(): Promise<void> {
    wait(EVERY_MS)
    if (isAway()) return
    const dial = await prepare().catch(() => undefined)
    if (isOver || !dial) return
    try {
      link = openLink({
        socket: dial.openSocket(),
        hello: dial.hello,
        clock,
        log: () => undefined,
        isAttaching: () => false,
        onOpen: () => {},
        onFrame: (decoded) => {
          if (decoded.kind !== 'frame' || decoded.frame.type !== 'welcome') return
          stop()
          onFound()
        },
        onDoubt: () => undefined,
        onTrust: () => undefined,
        onClosed: () => {},
      })
    } catch {
      // There are no WebSockets here.
    }
  }

  function wait(ms: number): void {
    timer = clock.setTimeout(() => void attempt(), ms)
  }

  function stop(): void {
    isOver = true
    clock.clearTimeout(timer)
    link?.close('tried')
  }

  wait(firstMs)
  return stop
}
