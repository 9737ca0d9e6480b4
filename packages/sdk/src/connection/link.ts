import type { Clock } from '../clock.ts'
import { decodeServerFrame, encodeFrame, PING_GRACE_MS } from '../protocol/index.ts'
import type { ClientFrame, DecodedServerFrame, HelloFrame } from '../protocol/index.ts'
import { startHeartbeat } from './heartbeat.ts'
import type { Loss } from './judge-loss.ts'
import type { Socket } from './open-socket.ts'

/** One socket, from hello to close. It is never reopened: what comes after it is another link. */
export interface Link {
  /** Sends a frame, or the text of one. Where the socket is closing it does nothing: the next link sends what is unsettled again. */
  readonly send: (frame: ClientFrame | string) => void
  /** Looks after a wake signal whether the link is still good. `restored`: the page comes from the back/forward cache, which kills sockets. */
  readonly check: (restored: boolean) => void
  readonly close: (reason: string) => void
}

/** What a link needs. */
export interface LinkOptions {
  readonly socket: Socket
  readonly hello: HelloFrame
  readonly clock: Clock
  /** Whether an attach is unanswered: a large snapshot may be on its way, with every ping behind it. */
  readonly isAttaching: () => boolean
  readonly onFrame: (decoded: DecodedServerFrame) => void
  readonly onProbe: () => void
  /** The link is over. Called once; nothing is called after it. */
  readonly onClosed: (loss: Loss) => void
}

const CONNECT_MS = 8_000
const ATTACH_MS = 30_000
const OPEN = 1
const NORMAL_CLOSE = 1000
const BROKEN = 1006

/** Says hello as soon as the socket is open, and passes on what the server says until either side closes. */
export function openLink({ socket, hello, clock, isAttaching, onFrame, onProbe, onClosed }: LinkOptions): Link {
  let closed = false
  let pingMs: number | undefined
  let cause: unknown

  const heartbeat = startHeartbeat({
    clock,
    silenceMs: () => (pingMs === undefined ? CONNECT_MS : isAttaching() ? ATTACH_MS : pingMs + PING_GRACE_MS),
    ping: (n) => {
      onProbe()
      send({ type: 'ping', n })
    },
    onDead: (why) => close(why, why === 'unanswered'),
  })

  socket.addEventListener('open', () => {
    heartbeat.heard()
    send(hello)
  })
  socket.addEventListener('message', ({ data }) => {
    // A packet may hold frames behind the one that made us close. They belong to nobody.
    if (closed) return
    heartbeat.heard()
    const decoded = decodeServerFrame(String(data))
    if (decoded.kind === 'frame') answer(decoded)
    onFrame(decoded)
  })
  // A close always follows. Without this listener Node's `ws` would throw, also long after we let go of the socket.
  socket.addEventListener('error', ({ error }) => {
    cause = error
  })
  socket.addEventListener('close', ({ code = BROKEN, reason = '' }) => {
    end({ code, reason, cause })
  })

  function answer({ frame }: Extract<DecodedServerFrame, { kind: 'frame' }>): void {
    if (frame.type === 'welcome') pingMs = frame.pingMs
    if (frame.type === 'ping') send({ type: 'pong', n: frame.n })
    if (frame.type === 'pong') heartbeat.answered(frame.n)
  }

  function send(frame: ClientFrame | string): void {
    if (!closed && socket.readyState === OPEN) socket.send(typeof frame === 'string' ? frame : encodeFrame(frame))
  }

  function close(reason: string, replace = false): void {
    if (closed) return
    end({ code: NORMAL_CLOSE, reason, replace })
    socket.close(NORMAL_CLOSE, reason)
  }

  function end(loss: Loss): void {
    if (closed) return
    closed = true
    heartbeat.stop()
    onClosed(loss)
  }

  return {
    send,
    close: (reason) => close(reason),
    check: (restored) => {
      if (heartbeat.isSilent() || (restored && pingMs !== undefined)) return close('stale', true)
      if (pingMs !== undefined && !isAttaching()) heartbeat.probe()
    },
  }
}
