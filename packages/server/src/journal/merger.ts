import type { SessionEvent } from '@throughline/sdk/protocol'
import { bytesBeside, isPlainDelta, isSamePart, partOf, type Delta } from './delta.ts'
import { jsonBytes } from './json-bytes.ts'

type Kept = { readonly kind: 'kept'; readonly json: string }
type Joined = { readonly kind: 'joined'; readonly delta: Delta; text: string }

/** Joins the deltas of each part up to the next event that is not a plain delta; all else stays as it is, and where it is. */
export class Merger {
  readonly #items: (Kept | Joined)[] = []
  /** What a further delta may still join, by part. */
  readonly #open = new Map<string, Joined>()
  /** The one of them that was joined last: most often the next delta is of the same part. */
  #newest: Joined | undefined
  #bytes = 0

  /** At most how many bytes the merged events have, each with a comma. */
  get bytes(): number {
    return this.#bytes
  }

  add(event: SessionEvent): void {
    if (!isPlainDelta(event)) return this.#keep(event)
    const joined = this.#joinedOf(event)
    this.#bytes += jsonBytes(event.delta)
    joined.text += event.delta
    this.#newest = joined
  }

  /** The merged events as JSON. */
  encoded(): readonly string[] {
    return this.#items.map((item) => (item.kind === 'kept' ? item.json : JSON.stringify({ ...item.delta, delta: item.text })))
  }

  #keep(event: SessionEvent): void {
    const json = JSON.stringify(event)
    this.#bytes += Buffer.byteLength(json) + ','.length
    this.#items.push({ kind: 'kept', json })
    this.#open.clear()
    this.#newest = undefined
  }

  #joinedOf(delta: Delta): Joined {
    if (this.#newest !== undefined && isSamePart(this.#newest.delta, delta)) return this.#newest
    const key = JSON.stringify([delta.type, delta.subagentRunId, partOf(delta)])
    const open = this.#open.get(key)
    if (open !== undefined) return open
    const fresh: Joined = { kind: 'joined', delta, text: '' }
    this.#bytes += bytesBeside(delta)
    this.#items.push(fresh)
    this.#open.set(key, fresh)
    return fresh
  }
}
