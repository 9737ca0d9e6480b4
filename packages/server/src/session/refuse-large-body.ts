import type { CommandFrame } from '@throughline/sdk/protocol'
import { Refusal } from './refusal.ts'

/**
 * Refuses a message, or the payload of an answer, that has more encoded bytes than it may. A client's frame may be larger: it has other
 * fields, too.
 *
 * @throws Refusal `too_large`
 */
export function refuseLargeBody(frame: CommandFrame, limitBytes: number): void {
  const body = frame.type === 'send' ? frame.message : frame.type === 'answer' ? frame.payload : undefined
  const bytes = Buffer.byteLength(JSON.stringify(body) ?? '')
  if (bytes > limitBytes) throw new Refusal('too_large', `the message or payload has ${bytes} bytes; the limit is ${limitBytes}`)
}
