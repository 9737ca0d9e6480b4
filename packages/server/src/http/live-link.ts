import type { AttachFrame, ClientFrame, CommandFrame, TokenFrame } from '@throughline/sdk/protocol'
import type { FastifyRequest } from 'fastify'
import { isExpired, type Principal } from '../access/principal.ts'
import { Refusal } from '../session/refusal.ts'
import { Allowance } from './allowance.ts'
import { carryOut } from './carry-out.ts'
import type { ClientLink } from './client-link.ts'
import { countCommand } from './count-command.ts'
import { directoryFeed } from './directory-feed.ts'
import { directoryWatch, type DirectoryWatch } from './directory-watch.ts'
import type { Edge } from './edge.ts'
import { Heartbeat } from './heartbeat.ts'
import { LinkWatches } from './link-watches.ts'
import { newestInTurn, type NewestInTurn } from './newest-in-turn.ts'
import { refusalOf } from './refusal-of.ts'
import { refusedFrame } from './refused-frame.ts'
import { sessionTurns, type SessionTurns } from './session-turns.ts'
import { awaitExpiry } from './token-expiry.ts'

/** How often a minute a link may attach anew each of its sessions, on average. */
const ATTACHES_PER_SESSION = 4

/** When a token may come again that a newer one took the place of. */
const RENEW_MS = 1_000

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

/** A link whose principal is known: one that was greeted. */
export class LiveLink {
  readonly #start: LiveLinkStart
  readonly #attaches: Allowance
  readonly #watches: LinkWatches
  readonly #heartbeat: Heartbeat
  /** The store may take longer for one command than for the next. */
  #commands: SessionTurns | undefined
  #directory: DirectoryWatch | undefined
  #stopAwaitingExpiry: () => void
  /** One after the other, so that the newest token decides when the link expires; and no more than two, since each is held while it waits. */
  #renewals: NewestInTurn<TokenFrame> | undefined
  #isClosed = false

  constructor(start: LiveLinkStart) {
    const { edge, link, principal, deadMs } = start
    const { host, timers, pingMs } = edge
    const { sessionsPerLink } = host.limits
    this.#start = start
    this.#attaches = new Allowance(ATTACHES_PER_SESSION * sessionsPerLink, timers)
    this.#watches = new LinkWatches({
      limit: sessionsPerLink,
      noteArrival: host.noteArrival,
      open: (frame, arrival) => host.attach(principal.id, frame, link, arrival),
      onRefused: (frame, error) => this.#refuse(frame, error),
    })
    this.#heartbeat = new Heartbeat({
      timers,
      pingMs,
      deadMs,
      ping: (n) => link.sendFrame({ type: 'ping', n, sent: this.#watches.sent() }),
      onDead: () => link.close('ping_timeout'),
    })
    this.#stopAwaitingExpiry = this.#awaitExpiry(principal)
  }

  /** Does what a frame asks. Commands to one session take effect in the order of their arrival. */
  take(frame: ClientFrame): void {
    const { link } = this.#start
    switch (frame.type) {
      case 'hello':
        return link.close('protocol')
      case 'attach':
        return this.#attach(frame)
      case 'detach':
        return this.#watches.take(frame)
      case 'send':
      case 'answer':
      case 'stop':
      case 'unqueue':
        return this.#command(frame)
      case 'watch':
        return this.#watchDirectory()
      case 'token':
        this.#renewals ??= this.#openRenewals()
        return this.#renewals.take(frame)
      case 'ping':
        return link.sendFrame({ type: 'pong', n: frame.n })
      case 'pong':
        return
      default:
        return frame satisfies never
    }
  }

  /** Settles when all attaches that were taken so far are answered. */
  answered(): Promise<void> {
    return this.#watches.answered()
  }

  /** The other side gave a sign of life. */
  beat(): void {
    this.#heartbeat.beat()
  }

  /** The link is closed: ends all watches. */
  close(): void {
    this.#isClosed = true
    this.#heartbeat.stop()
    this.#stopAwaitingExpiry()
    this.#directory?.end()
    this.#watches.close()
  }

  #attach(frame: AttachFrame): void {
    const retryMs = this.#attaches.take()
    if (retryMs === undefined) this.#watches.take(frame)
    else this.#refuse(frame, new Refusal('rate_limited', 'this link attaches too often', { retryMs }))
  }

  #command(frame: CommandFrame): void {
    const { edge, link, principal, request } = this.#start
    try {
      countCommand(edge, principal.id)
    } catch (error) {
      return this.#refuse(frame, error)
    }
    const commander = { host: edge.host, principal: principal.id, log: request.log }
    this.#commands ??= sessionTurns()
    this.#commands.take(frame.session, async (passOn) => link.sendFrame(await carryOut(commander, frame, passOn)))
  }

  #watchDirectory(): void {
    const { edge, link, principal } = this.#start
    this.#directory ??= directoryWatch(
      (tell) => edge.host.watchDirectory(principal.id, tell),
      directoryFeed(link, (frame) => link.sendFrame(frame)).tell,
    )
    this.#directory.begin()
  }

  #openRenewals(): NewestInTurn<TokenFrame> {
    return newestInTurn({
      work: (frame) => this.#renew(frame),
      onReplaced: ({ id }) =>
        this.#refuse({ id }, new Refusal('rate_limited', 'a newer token took the place of this one', { retryMs: RENEW_MS })),
    })
  }

  async #renew({ id, token }: TokenFrame): Promise<void> {
    const { edge, link, principal, request } = this.#start
    if (this.#isClosed) return
    try {
      const renewed = await edge.authenticate(token, request)
      if (this.#isClosed) return
      if (renewed === undefined) return link.close('unauthorized')
      if (renewed.id !== principal.id)
        return this.#refuse({ id }, new Refusal('forbidden', 'the token belongs to another principal: open a new link with it'))
      if (isExpired(renewed, edge.timers.now())) return link.close('token_expired')
      this.#stopAwaitingExpiry()
      this.#stopAwaitingExpiry = this.#awaitExpiry(renewed)
      link.sendFrame({ type: 'accepted', id, result: renewed.expiresAt === undefined ? {} : { expiresAt: renewed.expiresAt } })
    } catch (error) {
      this.#refuse({ id }, error)
    }
  }

  #awaitExpiry({ expiresAt }: Principal): () => void {
    const { edge, link } = this.#start
    return awaitExpiry(expiresAt, edge.timers, () => link.close('token_expired'))
  }

  #refuse(frame: { readonly id: string; readonly session?: string }, error: unknown): void {
    const { link, request } = this.#start
    link.sendFrame(refusedFrame(frame, refusalOf(error, request.log)))
  }
}
