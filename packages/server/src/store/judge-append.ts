import type { Mark } from '@throughline/sdk/protocol'
import type { Append, AppendVerdict } from './port.ts'
import { StoreError } from './store-error.ts'

/** What an append is judged against: the session's journal and the fence of its lease, at the moment of writing. */
export interface AppendGround {
  readonly head: number
  /** Whether this fence is the session's newest and still held. */
  readonly holds: (fence: number) => boolean
  /** The mark of the batch that ends at a seq, be it kept or the last one folded. */
  readonly markAt: (seq: number) => Mark | undefined
}

/** `write`: it may be written now. Else its verdict, and nothing is to be written. */
export type AppendRuling = { readonly kind: 'write' } | Exclude<AppendVerdict, { readonly kind: 'gone' }>

/**
 * The rule of appending, the same in every store: who writes must hold the fence, and writes at the head, or wrote this very batch before.
 *
 * @throws StoreError `failed` where the batch does not follow `after`: no store could keep such a journal without holes.
 */
export function judgeAppend(append: Append, ground: AppendGround): AppendRuling {
  const { session, after, fence, batch } = append
  if (batch !== undefined && (batch.from !== after + 1 || batch.to < batch.from)) {
    throw new StoreError('failed', `a batch of session ${session} runs from ${batch.from} to ${batch.to}, which cannot follow ${after}`)
  }
  if (!ground.holds(fence)) return { kind: 'fenced' }
  if (ground.head === after) return { kind: 'write' }
  if (batch !== undefined && ground.markAt(batch.to) === batch.mark) return { kind: 'stored' }
  return { kind: 'conflict', head: ground.head }
}
