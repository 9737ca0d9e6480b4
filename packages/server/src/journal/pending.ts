import type { SessionEvent } from '@throughline/sdk/protocol'
import type { Effects } from '../store/port.ts'
import { isPlainDelta, isSamePart, type Delta } from './delta.ts'

/** How large a batch may become, in encoded bytes, unless it is one event or one indivisible effect. */
const BATCH_BYTES = 64 * 1024

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

  /** About how many encoded bytes wait. */
  get bytes(): number {
    return this.#bytes
  }

  /** Adds an event of a stream; a plain delta joins the one before it, where both append to one part. */
  pushEvent(event: SessionEvent): void {
    if (isPlainDelta(event)) {
      const bytes = Buffer.byteLength(event.delta)
      const last = this.#items[this.#items.length - 1]
      if (last?.kind === 'joined' && last.bytes + bytes <= JOINED_BYTES && isSamePart(last.event, event)) {
        // The copy made below is ours to change: appending in place costs no object a token.
        last.event.delta += event.delta
        last.bytes += bytes
        this.#bytes += bytes
        return
      }
      this.#push({ kind: 'joined', event: { ...event }, bytes: bytes + 96 })
      return
    }
    this.#push({ kind: 'event', event, bytes: Buffer.byteLength(JSON.stringify(event)) })
  }

  pushGroup(group: Group): void {
    this.#push({ kind: 'group', group, bytes: group.events.reduce((sum, event) => sum + Buffer.byteLength(JSON.stringify(event)), 0) })
  }

  /** Takes what fits one batch: events up to the first group, and that group where it fits, whole. Undefined where nothing waits. */
  take(): Taken | undefined {
    const events: SessionEvent[] = []
    const encoded: string[] = []
    let group: Group | undefined
    let count = 0
    let bytes = 0
    for (const item of this.#items) {
      if (count > 0 && bytes + item.bytes > BATCH_BYTES) break
      count += 1
      bytes += item.bytes
      for (const event of item.kind === 'group' ? item.group.events : [item.event]) {
        events.push(event)
        encoded.push(JSON.stringify(event))
      }
      if (item.kind === 'group') {
        group = item.group
        break
      }
    }
    if (count === 0) return undefined
    this.#items.splice(0, count)
    this.#bytes -= bytes
    return { events, encoded, effects: group?.effects, group }
  }

  /** Forgets everything, and gives the groups that somebody waits for. */
  drop(): readonly Group[] {
    const groups = this.#items.flatMap((item) => (item.kind === 'group' ? [item.group] : []))
    this.#items = []
    this.#bytes = 0
    return groups
  }

  #push(item: Item): void {
    this.#items.push(item)
    this.#bytes += item.bytes
  }
}
