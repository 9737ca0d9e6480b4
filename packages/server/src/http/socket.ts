import { HELLO_TIMEOUT_MS, SUBPROTOCOL, type ClientFrame, type HelloFrame } from '@throughline/sdk/protocol'
import type { FastifyRequest } from 'fastify'
import type { RawData, WebSocket } from 'ws'
import { isExpired } from '../access/principal.ts'
import { BYE } from './bye.ts'
import type { Edge } from './edge.ts'
import { openLiveLink, type LiveLink } from './live-link.ts'
import { allowance } from './rate-limit.ts'
import { readFrame } from './read-frame.ts'
import { refusalOf } from './refusal-of.ts'
import { openSocketLink } from './socket-link.ts'

/** How many malformed frames in a row end a link: its client speaks something else. */
const MALFORMED_FRAMES = 3

/** How many frames of any kind a link may send; far more than a client that works needs. */
const FRAMES_PER_MINUTE = 3_000

/** Where a link is in its life. Frames that follow a `hello` in its packet are held until its token is known. */
type LinkState =
  | { readonly kind: 'opened' }
  | { readonly kind: 'greeting'; readonly held: ClientFrame[] }
  | { readonly kind: 'live'; readonly live: LiveLink; readonly release: () => void }
  | { readonly kind: 'over' }

/** Serves one socket, from `hello` to close. */
export function serveSocket(edge: Edge, socket: WebSocket, request: FastifyRequest): void {
  const { host, timers, pingMs } = edge
  let state: LinkState = { kind: 'opened' }
  let malformed = 0
  const link = openSocketLink({ socket, timers, onMoved: beat, onOver: end })
  const frames = allowance(FRAMES_PER_MINUTE, timers)
  const helloTimer = timers.setTimeout(() => link.close('hello_timeout'), HELLO_TIMEOUT_MS)
  const forget = edge.links.add(sayBye)
  socket.on('message', receive)
  if (socket.protocol !== SUBPROTOCOL) link.close('version')

  function receive(data: RawData, isBinary: boolean): void {
    if (state.kind === 'over') return
    beat()
    if (frames.take() !== undefined) return link.close('rate_limited')
    const decoded = readFrame(data as Buffer, isBinary, host.limits.frameBytes)
    switch (decoded.kind) {
      case 'frame':
        malformed = 0
        take(decoded.frame)
        break
      case 'refused': {
        const { kind: _, ...refusal } = decoded
        link.sendFrame({ type: 'refused', ...refusal })
        if (decoded.code !== 'unknown_type' && ++malformed === MALFORMED_FRAMES) link.close('protocol')
        break
      }
      default:
        decoded satisfies never
    }
    link.waitForRoom()
  }

  function beat(): void {
    if (state.kind === 'live') state.live.beat()
  }

  function take(frame: ClientFrame): void {
    switch (state.kind) {
      case 'opened':
        return frame.type === 'hello' ? void greet(frame) : link.close('protocol')
      case 'greeting':
        state.held.push(frame)
        return
      case 'live':
        return state.live.take(frame)
      case 'over':
        return
      default:
        return state satisfies never
    }
  }

  async function greet({ token }: HelloFrame): Promise<void> {
    const held: ClientFrame[] = []
    state = { kind: 'greeting', held }
    socket.pause()
    try {
      const principal = await edge.authenticate(token, request)
      if (!isGreeting()) return
      if (principal === undefined) return link.close('unauthorized')
      if (isExpired(principal, timers.now())) return link.close('token_expired')
      const release = edge.links.claim(principal)
      if (release === undefined) return link.close('connection_limit')
      timers.clearTimeout(helloTimer)
      const { node, limits, durability } = host
      const { id, expiresAt } = principal
      link.sendFrame({ type: 'welcome', node, principal: id, ...(expiresAt !== undefined && { expiresAt }), pingMs, limits, durability })
      state = { kind: 'live', live: openLiveLink(edge, link, principal, request), release }
      for (const frame of held) take(frame)
      socket.resume()
    } catch (error) {
      link.close(refusalOf(error, request.log).code === 'forbidden' ? 'forbidden' : 'internal')
    }
  }

  function isGreeting(): boolean {
    return state.kind === 'greeting'
  }

  function sayBye(): void {
    link.sendFrame(BYE)
    link.close('shutdown')
  }

  function end(code: number): void {
    const last = state
    state = { kind: 'over' }
    forget()
    timers.clearTimeout(helloTimer)
    request.log.debug({ code }, 'a link closed')
    if (last.kind !== 'live') return
    last.live.close()
    last.release()
  }
}
