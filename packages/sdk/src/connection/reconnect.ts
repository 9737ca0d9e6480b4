import pRetry, { AbortError } from 'p-retry'
import type { Clock } from '../clock.ts'
import { SessionError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { ClientFrame, DecodedServerFrame, HelloFrame, ServerFrame } from '../protocol/index.ts'
import type { WakeNews, WakeSource } from '../wake/wake-source.ts'
import { judgeLoss, NO_LOSSES, type Loss } from './judge-loss.ts'
import { openLink, type Link } from './link.ts'
import type { Socket } from './open-socket.ts'
import { IDLE, transition, type ConnectionEvent, type ConnectionState } from './transition.ts'

/** A link for as long as one is needed: whatever ends one, the next is dialled, by one loop. */
export interface Connection {
  readonly state: () => ConnectionState
  /** Sends over the live link; without one nothing happens, since what matters is sent again on the next. */
  readonly send: (frame: ClientFrame | string) => void
  /** Somebody may need a link now. */
  readonly need: () => void
  /** The one repair: closes the link, and the next one attaches from the cursors. */
  readonly repair: (reason: string) => void
  /** A session's cursor moved: the link does its work. */
  readonly progressed: () => void
  readonly wake: (news: WakeNews) => void
  readonly close: (error: SessionError) => void
}

/** What keeping a connection needs. */
export interface ReconnectOptions {
  readonly clock: Clock
  readonly random: () => number
  readonly wake: WakeSource
  /** Makes the first frame of a link, with a fresh token. */
  readonly hello: () => Promise<HelloFrame>
  readonly openSocket: () => Socket
  readonly isNeeded: () => boolean
  readonly isAttaching: () => boolean
  readonly log: () => Log
  readonly onState: (state: ConnectionState) => void
  readonly onFrame: (decoded: DecodedServerFrame) => void
  readonly onLost: () => void
}

const TOKEN_MS = 30_000
const OFFLINE_MS = 30_000
const LONGEST_TIMER_MS = 2_147_483_647
const BROKEN = 1006

/** Begins to keep a connection. */
export function keepConnected({ clock, random, wake, log, ...client }: ReconnectOptions): Connection {
  let state = IDLE
  let link: Link | undefined
  let welcomedAt: number | undefined
  let progressed = false
  let history = NO_LOSSES
  let lastError = new SessionError('unreachable', 'no link has been dialled yet')
  // Nothing is dialled before `heldUntil`, since the server asked for it; a wake signal brings `dueAt` down to it.
  let heldUntil = 0
  let dueAt = 0
  let dialledAt = Number.NEGATIVE_INFINITY
  let rouse: (() => void) | undefined

  /** The loop. An attempt lasts as long as its link, so each one fails in the end; p-retry starts the next, until an AbortError. */
  function run(): void {
    pRetry(attempt, { retries: Number.POSITIVE_INFINITY, minTimeout: 0, factor: 1 }).catch((reason: SessionError) => {
      move({ type: 'close', reason })
    })
  }

  async function attempt(): Promise<never> {
    for (let waitMs = standing(); waitMs > 0; waitMs = standing()) await sleep(waitMs)
    dialledAt = clock.now()
    const loss = await oneLink(history.failures + 1)
    log()?.({ type: 'lost', code: loss.code, reason: loss.reason })
    const verdict = judgeLoss(history, loss, { welcomedAt, progressed }, clock.now(), random)
    history = verdict.history
    lastError = verdict.error
    if (verdict.kind === 'final') throw new AbortError(lastError)
    dueAt = Math.max(clock.now(), heldUntil) + verdict.delayMs
    throw lastError
  }

  /** Where a client without a link stands, and for how long; 0 where it is time to dial. */
  function standing(): number {
    assertOpen()
    const offline = wake.offline()
    const dialAt = offline ? Math.max(dueAt, dialledAt + OFFLINE_MS) : dueAt
    const waitMs = Math.max(0, dialAt - clock.now())
    const next = history.failures + 1
    if (!client.isNeeded()) {
      move({ type: 'rest' })
      return Number.POSITIVE_INFINITY
    }
    if (wake.hidden()) {
      move({ type: 'pause', reason: 'hidden' })
      return Number.POSITIVE_INFINITY
    }
    if (waitMs > 0 && offline) move({ type: 'pause', reason: 'offline' })
    else if (waitMs > 0 && move({ type: 'wait', attempt: next, at: dialAt, reason: lastError }))
      log()?.({ type: 'wait', ms: waitMs, attempt: next })
    return waitMs
  }

  /** Waits for so long, or for ever, until roused. */
  function sleep(delayMs: number): Promise<undefined> {
    return new Promise((resolve) => {
      // Without an end there is no timer either: an idle client must not keep a process alive.
      const timer = Number.isFinite(delayMs) && clock.setTimeout(() => resolve(undefined), Math.min(delayMs, LONGEST_TIMER_MS))
      rouse = () => {
        clock.clearTimeout(timer)
        resolve(undefined)
      }
    })
  }

  /** Dials, and waits for the end of the link. */
  async function oneLink(attemptNumber: number): Promise<Loss> {
    log()?.({ type: 'dial', attempt: attemptNumber })
    move({ type: 'dial', attempt: attemptNumber })
    welcomedAt = undefined
    progressed = false
    try {
      const hello = await Promise.race([client.hello(), sleep(TOKEN_MS)]).finally(() => rouse?.())
      assertOpen()
      if (!hello) throw new SessionError('unreachable', `the token option gave nothing within ${TOKEN_MS / 1000} s`)
      const socket = client.openSocket()
      return await new Promise((resolve) => {
        link = openLink({
          socket,
          hello,
          clock,
          isAttaching: client.isAttaching,
          onProbe: () => log()?.({ type: 'probe' }),
          onFrame: (decoded) => {
            if (decoded.kind === 'frame') note(decoded.frame)
            client.onFrame(decoded)
          },
          onClosed: (loss) => {
            link = undefined
            client.onLost()
            resolve(loss)
          },
        })
      })
    } catch (cause) {
      return { code: BROKEN, reason: cause instanceof Error ? cause.message : '', cause }
    }
  }

  /** Notes what a frame says about the link itself. */
  function note(frame: ServerFrame): void {
    if (frame.type === 'welcome') {
      welcomedAt = clock.now()
      log()?.({ type: 'welcome', node: frame.node, principal: frame.principal })
      move({ type: 'welcome' })
    } else if (frame.type === 'bye') {
      // The link stays until the server closes it: a run may still end in the time that the server gives it.
      heldUntil = clock.now() + frame.retryMs
      log()?.({ type: 'bye', reason: frame.reason, retryMs: frame.retryMs })
    } else if (frame.type === 'refused' && frame.id === undefined && frame.retryMs !== undefined) {
      heldUntil = clock.now() + frame.retryMs
    }
  }

  function move(event: ConnectionEvent): boolean {
    const next = transition(state, event)
    if (next === state) return false
    state = next
    client.onState(state)
    return true
  }

  function assertOpen(): void {
    if (state.status === 'closed') throw new AbortError(state.reason)
  }

  /** Looks again at where the client stands, unless it waits for a token. */
  function reconsider(): void {
    if (state.status !== 'connecting') rouse?.()
  }

  run()
  return {
    state: () => state,
    send: (frame) => {
      if (welcomedAt !== undefined) link?.send(frame)
    },
    need: reconsider,
    repair: (reason) => link?.close(reason),
    progressed: () => {
      progressed = true
    },
    wake: (news) => {
      log()?.({ type: 'wake', signal: news })
      if (news === 'hidden' || news === 'offline') return reconsider()
      if (link) return link.check(news === 'bfcache')
      dueAt = heldUntil
      if (news === 'app') dialledAt = Number.NEGATIVE_INFINITY
      if (news === 'app' && move({ type: 'reopen' })) {
        history = NO_LOSSES
        run()
      } else reconsider()
    },
    close: (reason) => {
      move({ type: 'close', reason })
      link?.close('closed')
      rouse?.()
    },
  }
}
