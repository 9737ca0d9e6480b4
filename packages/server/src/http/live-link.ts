import type { AttachFrame, ClientFrame, CommandFrame, TokenFrame } from '@throughline/sdk/protocol'
import type { FastifyRequest } from 'fastify'
import { isExpired, type Principal } from '../access/principal.ts'
import { Refusal } from '../session/refusal.ts'
import { carryOut } from './carry-out.ts'
import type { ClientLink } from './client-link.ts'
import { countCommand } from './count-command.ts'
import { directoryFeed } from './directory-feed.ts'
import type { Edge } from './edge.ts'
import { startHeartbeat } from './heartbeat.ts'
import { linkWatches } from './link-watches.ts'
import { allowance } from './rate-limit.ts'
import { refusalOf } from './refusal-of.ts'
import { refusedFrame } from './refused-frame.ts'
import { sessionTurns } from './session-turns.ts'
import { awaitExpiry } from './token-expiry.ts'

/** How often a minute a link may attach anew each of its sessions, on average. */
const ATTACHES_PER_SESSION = 4

/** A link whose principal is known. */
export interface LiveLink {
  /** Does what a frame asks. Commands to one session take effect in the order of their arrival. */
  take(frame: ClientFrame): void
  /** Settles when all attaches that were taken so far are answered. */
  readonly answered: () => Promise<void>
  /** The other side gave a sign of life. */
  beat(): void
  /** The link is closed: ends all watches. */
  close(): void
}

/** What a link is served with. */
export interface LiveLinkStart {
  readonly edge: Edge
  readonly link: ClientLink
  readonly principal: Principal
  /** The request that opened it. */
  readonly request: FastifyRequest
  /** After how long without a sign of life the client counts as dead. */
  readonly deadMs: number
}

/** Begins to serve a link that was greeted. */
export function openLiveLink({ edge, link, principal, request, deadMs }: LiveLinkStart): LiveLink {
  const { host, timers, pingMs } = edge
  const commander = { host, principal: principal.id, log: request.log }
  const { sessionsPerLink } = host.limits
  const directory = directoryFeed(link, link.sendFrame)
  const attaches = allowance(ATTACHES_PER_SESSION * sessionsPerLink, timers)
  // The store may take longer for one command than for the next.
  const commands = sessionTurns()
  const watches = linkWatches({
    limit: sessionsPerLink,
    link,
    open: (frame) => host.attach(principal.id, frame, link),
    onRefused: refuse,
    onFull: (frame) =>
      refuse(frame, new Refusal('rate_limited', `this link watches ${sessionsPerLink} sessions, as many as it may: detach one first`)),
  })
  const heartbeat = startHeartbeat({
    timers,
    pingMs,
    deadMs,
    ping: (n) => link.sendFrame({ type: 'ping', n, sent: watches.sent() }),
    onDead: () => link.close('ping_timeout'),
  })
  let stopWatchingDirectory: (() => void) | undefined
  let stopAwaitingExpiry = awaitExpiry(principal.expiresAt, timers, () => link.close('token_expired'))
  let renewals = Promise.resolve()
  let isClosed = false

  function take(frame: ClientFrame): void {
    switch (frame.type) {
      case 'hello':
        return link.close('protocol')
      case 'attach':
        return attach(frame)
      case 'detach':
        return watches.take(frame)
      case 'send':
      case 'answer':
      case 'stop':
      case 'unqueue':
        return command(frame)
      case 'watch':
        return watchDirectory()
      case 'token':
        renewals = renewals.then(() => renew(frame))
        return
      case 'ping':
        return link.sendFrame({ type: 'pong', n: frame.n })
      case 'pong':
        return
      default:
        return frame satisfies never
    }
  }

  function attach(frame: AttachFrame): void {
    const retryMs = attaches.take()
    if (retryMs === undefined) watches.take(frame)
    else refuse(frame, new Refusal('rate_limited', 'this link attaches too often', { retryMs }))
  }

  function command(frame: CommandFrame): void {
    try {
      countCommand(edge, principal.id)
    } catch (error) {
      return refuse(frame, error)
    }
    commands.take(frame.session, async (passOn) => link.sendFrame(await carryOut(commander, frame, passOn)))
  }

  function watchDirectory(): void {
    stopWatchingDirectory?.()
    stopWatchingDirectory = host.watchDirectory(principal.id, directory.tell)
  }

  // One after the other, so that the newest token decides when the link expires.
  async function renew({ id, token }: TokenFrame): Promise<void> {
    if (isClosed) return
    try {
      const renewed = await edge.authenticate(token, request)
      if (isClosed) return
      if (renewed === undefined) return link.close('unauthorized')
      if (renewed.id !== principal.id)
        return refuse({ id }, new Refusal('forbidden', 'the token belongs to another principal: open a new link with it'))
      if (isExpired(renewed, timers.now())) return link.close('token_expired')
      stopAwaitingExpiry()
      stopAwaitingExpiry = awaitExpiry(renewed.expiresAt, timers, () => link.close('token_expired'))
      link.sendFrame({ type: 'accepted', id, result: renewed.expiresAt === undefined ? {} : { expiresAt: renewed.expiresAt } })
    } catch (error) {
      refuse({ id }, error)
    }
  }

  function refuse(frame: { readonly id: string; readonly session?: string }, error: unknown): void {
    link.sendFrame(refusedFrame(frame, refusalOf(error, request.log)))
  }

  return {
    take,
    answered: watches.answered,
    beat: heartbeat.beat,
    close() {
      isClosed = true
      heartbeat.stop()
      stopAwaitingExpiry()
      stopWatchingDirectory?.()
      watches.close()
    },
  }
}
