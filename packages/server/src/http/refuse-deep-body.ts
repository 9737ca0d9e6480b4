import { FRAME_DEPTH, isNestedDeeper } from '@throughline/sdk/protocol'
import type { FastifyRequest } from 'fastify'
import { Refusal } from '../session/refusal.ts'

/**
 * Refuses a body that is nested deeper than a frame may be, before anything walks through it.
 *
 * @throws Refusal `invalid`
 */
export async function refuseDeepBody({ body }: FastifyRequest): Promise<void> {
  if (isNestedDeeper(body, FRAME_DEPTH)) throw new Refusal('invalid', `the body is nested more than ${FRAME_DEPTH} levels deep`)
}
