import {
  HELLO_TIMEOUT_MS,
  PING_GRACE_MS,
  SUBPROTOCOL,
  type ClientFrame,
  type DecodedClientFrame,
  type HelloFrame,
} from '@throughline/sdk/protocol'
import type { FastifyRequest } from 'fastify'
import type { RawData, WebSocket } from 'ws'
import { isExpired } from '../access/principal.ts'
import { Allowance } from './allowance.ts'
import { sayBye } from './bye.ts'
import type { Edge } from './edge.ts'
import { LiveLink } from './live-link.ts'
import { OPENING_BYTES, OPENING_FRAMES } from './opening.ts'
import { readFrame } from './read-frame.ts'
import { refusalOf } from './refusal-of.ts'
import { refusedFrame } from './refused-frame.ts'
import { SocketLink } from './socket-link.ts'
import { welcome } from './welcome.ts'

/** How many malformed frames in a row end a link: its client speaks something else. */
const MALFORMED_FRAMES = 3

/** How many frames of any kind a link may send; far more than a client that works needs. */
const FRAMES_PER_MINUTE = 3_000

/** Where a link is in its life. A client need not wait for `welcome`: what follows its `hello` is held until its token is known. */
type LinkState =
  | { readonly kind: 'opened' }
  | { readonly kind: 'greeting'; readonly held: DecodedClientFrame[] }
  | { readonly kind: 'live'; readonly live: LiveLink; readonly release: () => void }
  | { readonly kind: 'over' }

/** Serves one socket, from `hello` to close. */
export function serveSocket(edge: Edge, socket: WebSocket, request: FastifyRequest): void {
  const { host, timers, pingMs } = edge
  let state: LinkState = { kind: 'opened' }
  let malformed = 0
  let heldBytes = 0
  const link = new SocketLink({ socket, timers, onMoved: beat, onOver: end })
  const frames = new Allowance(FRAMES_PER_MINUTE, timers)
  const helloTimer = timers.setTimeout(() => link.close('hello_timeout'), HELLO_TIMEOUT_MS)
  const forget = edge.links.add(() => sayBye(link))
  socket.on('message', receive)
  if (socket.protocol !== SUBPROTOCOL) link.close('version')

  function receive(data: RawData, isBinary: boolean): void {
    if (state.kind === 'over') return
    beat()
    if (frames.take() !== undefined) return link.close('rate_limited')
    const decoded = readFrame(data as Buffer, isBinary, host.limits.frameBytes)
    if (state.kind === 'greeting') hold(decoded, (data as Buffer).length, state.held)
    else answer(decoded)
    link.waitForRoom()
  }

  function beat(): void {
    if (state.kind === 'live') state.live.beat()
  }

  function hold(decoded: DecodedClientFrame, bytes: number, held: DecodedClientFrame[]): void {
    heldBytes += bytes
    if (held.push(decoded) > OPENING_FRAMES || heldBytes > OPENING_BYTES) link.close('protocol')
  }

  function answer(decoded: DecodedClientFrame): void {
    switch (decoded.kind) {
      case 'frame':
        malformed = 0
        return take(decoded.frame)
      case 'refused':
        link.sendFrame(refusedFrame(decoded, { retryMs: undefined, ...decoded }))
        if (decoded.code !== 'unknown_type' && ++malformed === MALFORMED_FRAMES) link.close('protocol')
        return
      default:
        return decoded satisfies never
    }
  }

  function take(frame: ClientFrame): void {
    switch (state.kind) {
      case 'opened':
        return frame.type === 'hello' ? void greet(frame) : link.close('protocol')
      case 'live':
        return state.live.take(frame)
      case 'greeting':
      case 'over':
        return
      default:
        return state satisfies never
    }
  }

  async function greet({ token }: HelloFrame): Promise<void> {
    timers.clearTimeout(helloTimer)
    const held: DecodedClientFrame[] = []
    state = { kind: 'greeting', held }
    try {
      const principal = await edge.authenticate(token, request)
      if (!isGreeting()) return
      if (principal === undefined) return link.close('unauthorized')
      if (isExpired(principal, timers.now())) return link.close('token_expired')
      const release = edge.links.claim(principal)
      if (release === undefined) return link.close('connection_limit')
      link.sendFrame(welcome(edge, principal))
      state = { kind: 'live', live: new LiveLink({ edge, link, principal, request, deadMs: pingMs + PING_GRACE_MS }), release }
      for (const decoded of held) answer(decoded)
    } catch (error) {
      link.close(refusalOf(error, request.log).code === 'forbidden' ? 'forbidden' : 'internal')
    }
  }

  function isGreeting(): boolean {
    return state.kind === 'greeting'
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
