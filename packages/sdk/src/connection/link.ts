import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import { decodeServerFrame, encodeFrame, PING_GRACE_MS } from '../protocol/index.ts'
import type { ClientFrame, DecodedServerFrame, HelloFrame } from '../protocol/index.ts'
import { startHeartbeat } from './heartbeat.ts'
import type { Loss } from './judge-loss.ts'
import type { Socket } from './open-socket.ts'

/** One socket, from hello to close. It is never reopened: what comes after it is another link. */
export interface Link {
  /** Whether hello was said: from then on frames may follow it, welcome or not. */
  readonly isOpen: () => boolean
  /** Sends a frame, or the text of one. Where the socket is not open it does nothing: the next link sends what is unsettled again. */
  readonly send: (frame: ClientFrame | string) => void
  /** Looks after a wake signal whether the link is still good. `restored`: the page comes from the back/forward cache, which kills sockets. */
  readonly check: (restored: boolean) => void
  /** Whether a probe is unanswered, and nothing at all came for the last 150 ms. */
  readonly isDoubted: () => boolean
  /** `replace`: another one is needed at once. */
  readonly close: (reason: string, replace?: boolean) => void
}

/** What a link needs. */
export interface LinkOptions {
  /** May be open already. */
  readonly socket: Socket
  readonly hello: HelloFrame
  readonly clock: Clock
  readonly log: () => Log
  /** Whether an attach is unanswered: a large snapshot may be on its way, with every ping behind it. */
  readonly isAttaching: () => boolean
  /** Hello was said. A socket whose other side starts afresh opens again, with another hello. */
  readonly onOpen: () => void
  readonly onFrame: (decoded: DecodedServerFrame) => void
  /** A probe is unanswered, and nothing at all came for 150 ms. May be called again. */
  readonly onDoubt: () => void
  /** A probe was answered. */
  readonly onTrust: () => void
  /** The link is over. Called once; nothing is called after it. */
  readonly onClosed: (loss: Loss) => void
}

const CONNECT_MS = 8_000
const ATTACH_MS = 30_000
const OPEN = 1
const NORMAL_CLOSE = 1000
const BROKEN = 1006

/** Says hello as soon as the socket is open, and passes on what the server says until either side closes. */
export function openLink({ socket, hello, clock, log, isAttaching, onOpen, onFrame, onDoubt, onTrust, onClosed }: LinkOptions): Link {
  let state: 'opening' | 'open' | 'closed' = 'opening'
  let pingMs: number | undefined
  let cause: unknown

  const heartbeat = startHeartbeat({
    clock,
    silenceMs: () =>
      pingMs === undefined ? CONNECT_MS : Math.max(isAttaching() ? ATTACH_MS : pingMs + PING_GRACE_MS, socket.silenceMs?.() ?? 0),
    ping: (n) => {
      log()?.({ type: 'probe' })
      send({ type: 'ping', n })
    },
    onAnswer: (ms) => {
      log()?.({ type: 'answer', ms })
      onTrust()
    },
    onDoubt,
    onDead: (why) => close(why, why === 'unanswered'),
  })

  socket.addEventListener('open', opened)
  // One that was open before has told so already.
  if (socket.readyState === OPEN) queueMicrotask(() => state === 'opening' && opened())
  socket.addEventListener('message', ({ data }) => {
    // A packet may hold frames behind the one that made us close. They belong to nobody.
    if (isClosed()) return
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
    // A page that was frozen hears of the end just after it woke: then somebody waits for the next link.
    end({ code, reason, cause, replace: heartbeat.isAsking() })
  })

  function opened(): void {
    if (isClosed()) return
    // What opens again has still to show that it lives.
    if (pingMs === undefined) heartbeat.heard()
    state = 'open'
    log()?.({ type: 'open' })
    send(hello)
    onOpen()
  }

  function answer({ frame }: Extract<DecodedServerFrame, { kind: 'frame' }>): void {
    if (frame.type === 'welcome') {
      pingMs = frame.pingMs
      // A socket that opened again because of our ping answers it so.
      heartbeat.answered()
    }
    if (frame.type === 'ping') send({ type: 'pong', n: frame.n })
    if (frame.type === 'pong') heartbeat.answered(frame.n)
  }

  function send(frame: ClientFrame | string): void {
    if (state === 'open' && socket.readyState === OPEN) socket.send(typeof frame === 'string' ? frame : encodeFrame(frame))
  }

  function close(reason: string, replace = false): void {
    if (isClosed()) return
    end({ code: NORMAL_CLOSE, reason, replace })
    socket.close(NORMAL_CLOSE, reason)
  }

  function end(loss: Loss): void {
    if (isClosed()) return
    state = 'closed'
    heartbeat.stop()
    onClosed(loss)
  }

  function isClosed(): boolean {
    return state === 'closed'
  }

  return {
    isOpen: () => state === 'open',
    isDoubted: heartbeat.isDoubted,
    send,
    close,
    check: (restored) => {
      const isGone = state === 'open' && socket.readyState !== OPEN
      if (isGone || heartbeat.isSilent() || (restored && pingMs !== undefined)) return close('stale', true)
      if (pingMs !== undefined && !isAttaching()) heartbeat.probe()
    },
  }
}
