import type { SessionEvent } from '@throughline/sdk/protocol'
import type { Effects } from '../store/port.ts'
import { bytesBeside, isPlainDelta, isSamePart, type Delta } from './delta.ts'
import { jsonBytes } from './json-bytes.ts'

/** How large a batch may become, in encoded bytes, unless it is one event or one indivisible effect. */
const BATCH_BYTES = 64 * 1024

/** At most what a batch has beside its events. */
const HEAD_BYTES = 256

/** How large deltas of one part that wait together may become, as one event. */
const JOINED_BYTES = 32 * 1024

/** Events that belong together and to their effects, and who waits for them. */
export interface Group {
  readonly events: readonly SessionEvent[]
  readonly effects: Effects | undefined
  resolve(): void
  reject(error: Error): void
}

/** What goes into the next batch. */
export interface Taken {
  readonly events: readonly SessionEvent[]
  /** The events as JSON, one a seq. */
  readonly encoded: readonly string[]
  readonly effects: Effects | undefined
  readonly group: Group | undefined
}

type Item =
  | { kind: 'event'; event: SessionEvent; bytes: number }
  | { kind: 'joined'; event: Delta; bytes: number }
  | { kind: 'group'; group: Group; bytes: number }

/** What waits for its append, in order. */
export class Pending {
  #items: Item[] = []
  #bytes = 0

  /** At most how many encoded bytes wait. */
  get bytes(): number {
    return this.#bytes
  }

  /** Adds an event of a stream; a plain delta joins the one before it, where both append to one part. */
  pushEvent(event: SessionEvent): void {
    if (!isPlainDelta(event)) return this.#push({ kind: 'event', event, bytes: bytesOf(event) })
    const bytes = jsonBytes(event.delta)
    const last = this.#items[this.#items.length - 1]
    if (last?.kind === 'joined' && last.bytes + bytes <= JOINED_BYTES && isSamePart(last.event, event)) {
      // The copy made below is ours to change: appending in place costs no object a token.
      last.event.delta += event.delta
      last.bytes += bytes
      this.#bytes += bytes
    } else this.#push({ kind: 'joined', event: { ...event }, bytes: bytes + bytesBeside(event) })
  }

  pushGroup(group: Group): void {
    this.#push({ kind: 'group', group, bytes: group.events.reduce((sum, event) => sum + bytesOf(event), 0) })
  }

  /** Takes what fits one batch: events up to the first group, and that group where it fits, whole. Undefined where nothing waits. */
  take(): Taken | undefined {
    const items = this.#fitting()
    const last = items[items.length - 1]
    if (last === undefined) return undefined
    const group = last.kind === 'group' ? last.group : undefined
    const events = items.flatMap((item) => (item.kind === 'group' ? item.group.events : [item.event]))
    return { events, encoded: events.map((event) => JSON.stringify(event)), effects: group?.effects, group }
  }

  /** Forgets everything, and gives the groups that somebody waits for. */
  drop(): readonly Group[] {
    const groups = this.#items.flatMap((item) => (item.kind === 'group' ? [item.group] : []))
    this.#items = []
    this.#bytes = 0
    return groups
  }

  #fitting(): readonly Item[] {
    let count = 0
    let bytes = 0
    for (const item of this.#items) {
      if (count > 0 && bytes + item.bytes > BATCH_BYTES - HEAD_BYTES) break
      count += 1
      bytes += item.bytes
      if (item.kind === 'group') break
    }
    this.#bytes -= bytes
    return this.#items.splice(0, count)
  }

  #push(item: Item): void {
    this.#items.push(item)
    this.#bytes += item.bytes
  }
}

function bytesOf(event: SessionEvent): number {
  return Buffer.byteLength(JSON.stringify(event)) + ','.length
}
