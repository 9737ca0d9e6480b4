import { Refusal } from '../session/refusal.ts'
import { sayBye } from './bye.ts'
import type { Edge } from './edge.ts'
import { openFallbackLink } from './fallback-link.ts'
import { LiveLink } from './live-link.ts'
import { OPENING_BYTES, readOpening } from './opening.ts'
import { bearerToken, principalOf } from './require-principal.ts'
import * as schemas from './schemas.ts'
import type { Scope } from './scope.ts'
import { welcome } from './welcome.ts'

/** All sessions of a page over one event stream, where networks break WebSockets. It can be asked nothing more: what changes is another stream. */
export function streamRoute(scope: Scope, edge: Edge): void {
  const { timers, pingMs, links } = edge

  scope.post(
    '/stream',
    {
      bodyLimit: OPENING_BYTES,
      schema: {
        summary: 'Follows sessions over one event stream, in place of a WebSocket',
        description:
          'The body is what a client sends over a WebSocket as soon as that is open: hello, then attach, watch and ping. The answer is what the server ' +
          'sends over it, each frame as the data of an event; its last frame is closed. With hold: false in hello it ends with its first news, or after 20 s.',
        body: schemas.OPENING,
        produces: ['text/event-stream'],
        response: { 200: schemas.FRAME_STREAM, default: schemas.ERROR },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request)
      const { hello, asked, pings } = readOpening(request.body, bearerToken(request))
      const release = links.claim(principal)
      if (release === undefined) throw new Refusal('rate_limited', 'the principal holds as many links as it may', { retryMs: pingMs })
      const link = openFallbackLink({ reply, timers, hold: hello.hold !== false, onOver: () => live.close(), onGone })
      link.sendFrame(welcome(edge, principal))
      // Nothing can be heard of the client: it counts the silence itself, and what it does not take is noticed by its bytes.
      const live = new LiveLink({ edge, link, principal, request, deadMs: Infinity })
      const forget = links.add(() => sayBye(link))
      for (const frame of asked) live.take(frame)
      void live.answered().then(() => pings.forEach((ping) => live.take(ping)))
      return reply

      function onGone(): void {
        release?.()
        forget()
      }
    },
  )
}
