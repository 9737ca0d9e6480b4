import type { Mark } from '@throughline/sdk/protocol'
import type { Batch } from '../store/port.ts'

/** Events on their way into one batch, each already encoded: how many seqs they take, and their JSON. */
export interface BatchDraft {
  readonly session: string
  readonly from: number
  readonly to: number
  readonly mark: Mark
  readonly at: number
  readonly events: readonly string[]
}

/** Encodes a batch once: these bytes are stored, and these bytes are sent. */
export function encodeBatch({ session, from, to, mark, at, events }: BatchDraft): Batch {
  const head = `{"type":"batch","session":${JSON.stringify(session)},"from":${from},"to":${to},"mark":"${mark}","at":${at},"events":[`
  return { from, to, mark, at, frame: Buffer.from(`${head}${events.join(',')}]}`) }
}
