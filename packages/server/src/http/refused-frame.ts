import type { RefusedFrame } from '@throughline/sdk/protocol'
import type { Refusal } from '../session/refusal.ts'

/** A refusal as the answer to a frame. */
export function refusedFrame(
  { id, session }: { readonly id?: string; readonly session?: string },
  { code, message, retryMs }: Pick<Refusal, 'code' | 'message' | 'retryMs'>,
): RefusedFrame {
  return {
    type: 'refused',
    ...(id !== undefined && { id }),
    ...(session !== undefined && { session }),
    code,
    message,
    ...(retryMs !== undefined && { retryMs }),
  }
}
