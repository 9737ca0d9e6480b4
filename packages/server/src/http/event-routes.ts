import { nanoid } from 'nanoid'
import { Refusal } from '../session/refusal.ts'
import type { Watch } from '../session/watch.ts'
import { BYE } from './bye.ts'
import type { Edge } from './edge.ts'
import { principalOf } from './require-principal.ts'
import * as schemas from './schemas.ts'
import type { Scope } from './scope.ts'
import { openStreamLink } from './stream-link.ts'
import { awaitExpiry } from './token-expiry.ts'

/** One session as server-sent events, for plain consumers: `attached`, then every batch. */
export function eventRoutes(scope: Scope, edge: Edge): void {
  const { host, timers, pingMs, links } = edge

  scope.get(
    '/sessions/:id/events',
    {
      // A HEAD request would open a stream that nobody reads.
      exposeHeadRoute: false,
      schema: {
        summary: 'Follows a session from a cursor as server-sent events',
        description:
          'The cursor is the Last-Event-ID header, else the query’s; an EventSource reconnects to its first address, so the header is newer. ' +
          'One that is present but invalid is answered as on the WebSocket: with a snapshot and the reason cursor_invalid.',
        params: schemas.SESSION_PARAMS,
        querystring: schemas.EVENTS_QUERY,
        produces: ['text/event-stream'],
        response: { 200: schemas.EVENT_STREAM, default: schemas.ERROR },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request)
      const release = links.claim(principal)
      if (release === undefined) throw new Refusal('rate_limited', 'the principal holds as many links as it may', { retryMs: pingMs })
      let watch: Watch | undefined
      let isOver = false
      const link = openStreamLink({ reply, timers, heartbeatMs: pingMs, onOver: end, onGone })
      const forget = links.add(() => link.endWith(BYE))
      const stopAwaitingExpiry = awaitExpiry(principal.expiresAt, timers, () => link.close('token_expired'))

      function end(): void {
        isOver = true
        stopAwaitingExpiry()
        watch?.close()
      }

      function onGone(): void {
        release?.()
        forget()
      }

      const cursor = request.headers['last-event-id']?.toString() ?? request.query.cursor
      const frame = { type: 'attach', id: nanoid(), session: request.params.id, ...(cursor !== undefined && { cursor }) } as const
      // Where it is refused, the answer that says so is the end of the stream too.
      watch = await host.attach(principal.id, frame, link)
      if (isOver) watch.close()
      return reply
    },
  )
}
