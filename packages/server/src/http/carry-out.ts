import type { AcceptedFrame, CommandFrame, RefusedFrame } from '@throughline/sdk/protocol'
import type { FastifyBaseLogger } from 'fastify'
import type { Host } from '../session/host.ts'
import { refusalOf } from './refusal-of.ts'
import { refusedFrame } from './refused-frame.ts'

/** Who gives a command, and to whom. */
export interface Commander {
  readonly host: Host
  readonly principal: string
  readonly log: FastifyBaseLogger
}

/** Carries out a command, and says what came of it. `onTurn`: it has its place among the commands of its session. */
export async function carryOut(
  { host, principal, log }: Commander,
  frame: CommandFrame,
  onTurn: () => void,
): Promise<AcceptedFrame | RefusedFrame> {
  try {
    return { type: 'accepted', id: frame.id, result: await host.command(principal, frame, onTurn) }
  } catch (error) {
    return refusedFrame(frame, refusalOf(error, log))
  }
}
