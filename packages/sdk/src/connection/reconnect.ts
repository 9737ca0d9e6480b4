import pRetry, { AbortError } from 'p-retry'
import type { Clock } from '../clock.ts'
import type { SessionError } from '../errors.ts'
import type { Log } from '../log.ts'
import type { ClientFrame, DecodedServerFrame, ServerFrame } from '../protocol/index.ts'
import type { WakeNews, WakeSource } from '../wake/wake-source.ts'
import { chooseTransport, WEBSOCKET_FIRST, type Transport, type TransportReason, type TransportTrial } from './choose-transport.ts'
import { countdown } from './countdown.ts'
import type { Dial } from './dial.ts'
import { judgeLoss, NO_LOSSES, type Loss } from './judge-loss.ts'
import { openLink, type Link } from './link.ts'
import { startTokenRenewal } from './renew-token.ts'
import { keepSpare } from './spare.ts'
import { IDLE, transition, type ConnectionEvent, type ConnectionState } from './transition.ts'

/** A link for as long as one is needed: whatever ends one, the next is dialled, by one loop. */
export interface Connection {
  readonly state: () => ConnectionState
  /** Whether there is a link that said hello: what is sent now follows it. Before, `onOpen` is still to come. */
  readonly isOpen: () => boolean
  /** Sends over the open link; without one nothing happens, since what matters is sent again on the next. */
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
  readonly mint: () => string
  readonly token: () => Promise<string | undefined>
  /** Makes a dial ready: gets a token, or loads the code of the fallback. The fallback says when WebSockets work again. */
  readonly prepare: (transport: Transport, why: TransportReason, onWorksAgain: () => void) => Promise<Dial>
  readonly isNeeded: () => boolean
  readonly isAttaching: () => boolean
  readonly log: () => Log
  readonly onState: (state: ConnectionState) => void
  /** Hello was said: what is to be watched is asked for now, whether or not the welcome has come. */
  readonly onOpen: () => void
  /** The server says whose token it was, with each welcome; before the state is live. */
  readonly onPrincipal: (principal: string) => void
  readonly onFrame: (decoded: DecodedServerFrame) => void
  readonly onLost: () => void
}

const PREPARE_MS = 30_000
const OFFLINE_MS = 30_000
const LONGEST_TIMER_MS = 2_147_483_647
const BROKEN = 1006

/** Begins to keep a connection. */
export function keepConnected({ clock, random, wake, log, ...client }: ReconnectOptions): Connection {
  let state = IDLE
  let link: Link | undefined
  let choice = WEBSOCKET_FIRST
  let welcomedAt: number | undefined
  let progressed = false
  let history = NO_LOSSES
  let lastError: SessionError | undefined
  // Nothing is dialled while the server asked for it; a wake signal brings the back-off down to that.
  const held = countdown(clock)
  const backingOff = countdown(clock)
  const sinceDial = countdown(clock)
  let rouse: (() => void) | undefined
  const spare = keepSpare({
    clock,
    log,
    prepare: () => client.prepare(choice.transport, choice.why, worksAgain),
    onReady: () => link?.isDoubted() && link.close('unanswered', true),
  })

  /** The loop. An attempt lasts as long as its link, so each one fails in the end; p-retry starts the next, until an AbortError. */
  function run(): void {
    pRetry(attempt, { retries: Number.POSITIVE_INFINITY, minTimeout: 0, factor: 1 }).catch((reason: SessionError) => {
      spare.drop()
      move({ type: 'close', reason })
    })
  }

  async function attempt(): Promise<never> {
    for (let waitMs = standing(); waitMs > 0; waitMs = standing()) {
      spare.drop()
      await sleep(waitMs)
    }
    sinceDial.start(OFFLINE_MS)
    const loss = await oneLink(history.failures + 1)
    log()?.({ type: 'lost', code: loss.code, reason: loss.reason })
    const verdict = judgeLoss(history, loss, { welcomedAt, progressed }, clock.now(), random)
    history = verdict.history
    lastError = verdict.error
    if (verdict.kind === 'final') throw new AbortError(lastError)
    backingOff.start(held.leftMs() + verdict.delayMs)
    throw lastError
  }

  /** Where a client without a link stands, and for how long; 0 where it is time to dial. */
  function standing(): number {
    assertOpen()
    const offline = wake.offline()
    const waitMs = Math.max(backingOff.leftMs(), offline ? sinceDial.leftMs() : 0)
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
    else if (waitMs > 0 && lastError && move({ type: 'wait', attempt: next, at: clock.now() + waitMs, reason: lastError }))
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
    const { transport, why } = choice
    log()?.({ type: 'dial', attempt: attemptNumber, transport })
    move({ type: 'dial', attempt: attemptNumber })
    welcomedAt = undefined
    progressed = false
    try {
      const dial =
        spare.take(transport) ??
        (await Promise.race([client.prepare(transport, why, worksAgain), sleep(PREPARE_MS)]).finally(() => rouse?.()))
      assertOpen()
      if (!dial) return { ...unprepared(transport), replace: true }
      const loss = await linkOver(dial).catch(brokenBy)
      // Without a network nothing can be reached over anything; and what was replaced by a better one is not to be judged.
      if (!wake.offline() && choice.transport === transport) choose({ outcome: 'ended', ...loss })
      // There is nothing to wait for with a transport that has not been tried yet.
      return choice.transport === 'stream' && transport !== 'stream' ? { ...loss, replace: true } : loss
    } catch (cause) {
      return unprepared(transport, cause)
    }
  }

  /** There is nothing to dial with: no token, or no code. */
  function unprepared(transport: Transport, cause?: unknown): Loss {
    const isStream = transport === 'stream'
    if (isStream) choose({ outcome: 'not_loaded' })
    const missing = isStream ? 'code of the fallback' : 'token'
    return brokenBy(cause ?? new Error(`no ${missing} within ${PREPARE_MS / 1000} s`))
  }

  async function linkOver({ hello, openSocket }: Dial): Promise<Loss> {
    const socket = openSocket()
    const renewal = startTokenRenewal({
      clock,
      log,
      mint: client.mint,
      token: client.token,
      send: (frame) => link?.send(frame),
      onOtherPrincipal: () => {
        spare.drop()
        link?.close('principal', true)
      },
    })
    const loss = await new Promise<Loss>((resolve) => {
      link = openLink({
        socket,
        hello,
        clock,
        log,
        isAttaching: client.isAttaching,
        onOpen: client.onOpen,
        onDoubt: doubt,
        onTrust: spare.drop,
        onFrame: (decoded) => {
          if (decoded.kind === 'frame') note(decoded.frame)
          client.onFrame(decoded)
        },
        onClosed: (end) => {
          link = undefined
          client.onLost()
          resolve(end)
        },
      })
    })
    renewal.stop()
    return loss

    /** Notes what a frame says about the link itself. */
    function note(frame: ServerFrame): void {
      if (frame.type === 'welcome') {
        welcomedAt ??= clock.now()
        log()?.({ type: 'welcome', node: frame.node, principal: frame.principal })
        renewal.plan(frame.expiresAt)
        client.onPrincipal(frame.principal)
        move({ type: 'welcome' })
      } else if (frame.type === 'bye') {
        // The link stays until the server closes it: a run may still end in the time that the server gives it.
        held.start(frame.retryMs)
        log()?.({ type: 'bye', reason: frame.reason, retryMs: frame.retryMs })
      } else if (frame.type === 'refused' && frame.id === undefined && frame.retryMs !== undefined) {
        held.start(frame.retryMs)
      } else if (frame.type === 'accepted' || frame.type === 'refused') {
        renewal.answered(frame)
      }
    }
  }

  /** Dials a spare where a link might be dialled: whichever shows first that it is good stays. */
  function doubt(): void {
    const isFree = client.isNeeded() && !wake.hidden() && !wake.offline() && held.leftMs() === 0
    if (isFree && choice.transport === 'websocket') spare.dial()
    else spare.drop()
  }

  /** Lets the end of a link decide over what the next one runs. */
  function choose({ outcome, code = BROKEN, replace: replaced = false }: Pick<TransportTrial, 'outcome'> & Partial<Loss>): void {
    // The clock may have been set back meanwhile.
    const livedMs = welcomedAt === undefined ? undefined : Math.abs(clock.now() - welcomedAt)
    const next = chooseTransport(choice, { outcome, code, livedMs, progressed, replaced })
    if (next.transport !== choice.transport) log()?.({ type: 'transport', transport: next.transport, why: next.why })
    choice = next
  }

  function worksAgain(): void {
    choose({ outcome: 'works_again' })
    link?.close('works_again', true)
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

  /** Looks again at where the client stands, unless it waits for a token, which may take its time. */
  function reconsider(): void {
    if (state.status !== 'connecting' || sinceDial.leftMs() === 0) rouse?.()
  }

  run()
  return {
    state: () => state,
    isOpen: () => link?.isOpen() === true,
    send: (frame) => link?.send(frame),
    need: reconsider,
    repair: (reason) => link?.close(reason),
    progressed: () => {
      progressed = true
    },
    wake: (news) => {
      log()?.({ type: 'wake', signal: news })
      if (news === 'hidden' || news === 'offline') {
        spare.drop()
        return reconsider()
      }
      if (link) return link.check(news === 'bfcache')
      backingOff.start(held.leftMs())
      if (news === 'app' && state.status !== 'connecting') sinceDial.start(0)
      if (news === 'app' && move({ type: 'reopen' })) {
        history = NO_LOSSES
        run()
      } else reconsider()
    },
    close: (reason) => {
      move({ type: 'close', reason })
      spare.drop()
      link?.close('closed')
      rouse?.()
    },
  }
}

function brokenBy(cause: unknown): Loss {
  return { code: BROKEN, reason: cause instanceof Error ? cause.message : '', cause }
}
