import { checkClientFrame, encodeFrame, type AcceptedFrame, type CommandFrame, type RefusedFrame } from '@throughline/sdk/protocol'
import { Refusal } from '../session/refusal.ts'
import { carryOut } from './carry-out.ts'
import { countCommand } from './count-command.ts'
import type { Edge } from './edge.ts'
import { UNREAD_FRAMES, withinLimit } from './read-frame.ts'
import { refusedFrame } from './refused-frame.ts'
import { principalOf } from './require-principal.ts'
import * as schemas from './schemas.ts'
import type { Scope } from './scope.ts'
import { sessionTurns } from './session-turns.ts'

type Answer = AcceptedFrame | RefusedFrame

/** What is to be done with a frame: a command, or a refusal that is its answer already. */
type Order = { readonly kind: 'command'; readonly frame: CommandFrame } | { readonly kind: 'answered'; readonly answer: RefusedFrame }

/** The commands of clients that follow their sessions over an event stream. Nothing ties the two together. */
export function framesRoute(scope: Scope, edge: Edge): void {
  const { host } = edge

  scope.post(
    '/frames',
    {
      bodyLimit: UNREAD_FRAMES * host.limits.frameBytes,
      schema: {
        summary: 'Carries out commands, those to one session in their order',
        description:
          'The frames send, answer, stop and unqueue of the WebSocket. Each is answered by its accepted or refused frame, in the same place of the answer.',
        body: schemas.FRAMES,
        response: { 200: schemas.ANSWERS, default: schemas.ERROR },
      },
    },
    async (request, reply) => {
      const principal = principalOf(request).id
      const commander = { host, principal, log: request.log }
      const turns = sessionTurns()
      const orders = countOrders(
        edge,
        principal,
        request.body.map((value) => readOrder(value, host.limits.frameBytes)),
      )
      const answers = orders.map(async (order) => (order.kind === 'answered' ? order.answer : carryOutInTurn(order.frame)))
      return reply.send(await Promise.all(answers))

      function carryOutInTurn(frame: CommandFrame): Promise<Answer> {
        return new Promise((resolve) => turns.take(frame.session, async (passOn) => resolve(await carryOut(commander, frame, passOn))))
      }
    },
  )
}

/** Reads one frame of a body. What is wrong with it is its own: the others are carried out. */
function readOrder(value: unknown, limitBytes: number): Order {
  const checked = checkClientFrame(value)
  // What was refused may be nested too deep to be measured.
  const decoded = checked.kind === 'refused' ? checked : withinLimit(checked, Buffer.byteLength(encodeFrame(checked.frame)), limitBytes)
  if (decoded.kind === 'refused') return { kind: 'answered', answer: refusedFrame(decoded, { retryMs: undefined, ...decoded }) }
  const { frame } = decoded
  switch (frame.type) {
    case 'send':
    case 'answer':
    case 'stop':
    case 'unqueue':
      return { kind: 'command', frame }
    case 'hello':
    case 'attach':
    case 'detach':
    case 'watch':
    case 'token':
    case 'ping':
    case 'pong':
      return {
        kind: 'answered',
        answer: refusedFrame('id' in frame ? frame : {}, new Refusal('invalid', `${frame.type} is no command: open a stream with it`)),
      }
    default:
      return frame satisfies never
  }
}

/**
 * Counts the commands. Behind one too many none is carried out, so that they keep their order.
 *
 * @throws Refusal `rate_limited` where that is already the first.
 */
function countOrders(edge: Edge, principal: string, orders: readonly Order[]): readonly Order[] {
  let counted = 0
  let limited: unknown
  return orders.map((order) => {
    if (order.kind === 'answered') return order
    if (limited === undefined) {
      try {
        countCommand(edge, principal)
        counted += 1
        return order
      } catch (error) {
        if (counted === 0) throw error
        limited = error
      }
    }
    return { kind: 'answered', answer: refusedFrame(order.frame, limited as Refusal) }
  })
}
