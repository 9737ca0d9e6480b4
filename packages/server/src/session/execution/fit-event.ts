import type { ContentPart, EventOf, SessionEvent } from '@throughline/sdk/protocol'
import { cutText, splitText } from './split-text.ts'

/** What came of making an event fit: one or more events, or none can. */
export type FittedEvent =
  | { readonly kind: 'fits'; readonly events: readonly SessionEvent[] }
  | { readonly kind: 'too_large'; readonly bytes: number }

type Delta = EventOf<'TEXT_MESSAGE_CONTENT' | 'REASONING_MESSAGE_CONTENT' | 'TOOL_CALL_ARGS'>

/** Makes an event fit a size in encoded bytes: a delta is split, the result of a tool is cut and marked, anything else fits or does not. */
export function fitEvent(event: SessionEvent, maxBytes: number): FittedEvent {
  switch (event.type) {
    case 'TEXT_MESSAGE_CONTENT':
    case 'REASONING_MESSAGE_CONTENT':
    case 'TOOL_CALL_ARGS':
      return splitDelta(event, maxBytes)
    case 'TOOL_CALL_RESULT':
      return cutResult(event, maxBytes)
    default: {
      const bytes = encodedBytes(event)
      return bytes <= maxBytes ? { kind: 'fits', events: [event] } : { kind: 'too_large', bytes }
    }
  }
}

/** How many bytes a value has as JSON. */
export function encodedBytes(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}

/** No code point has more bytes in JSON. */
const LONGEST_CHARACTER = 6

/** Whether an event of a few short texts fits for sure: most deltas do, and a token must not be encoded once more only to be measured. */
function isSurelyWithin(event: Delta, maxBytes: number): boolean {
  let length = 0
  for (const name of Object.keys(event) as (keyof Delta)[]) {
    const value = event[name]
    if (typeof value !== 'string') return false
    length += name.length + value.length + '"":"",'.length
  }
  return length * LONGEST_CHARACTER <= maxBytes
}

function splitDelta(event: Delta, maxBytes: number): FittedEvent {
  if (isSurelyWithin(event, maxBytes)) return { kind: 'fits', events: [event] }
  const bytes = encodedBytes(event)
  if (bytes <= maxBytes) return { kind: 'fits', events: [event] }
  const { metadata: _, ...further } = event
  const firstRoom = maxBytes - encodedBytes({ ...event, delta: '' })
  const room = maxBytes - encodedBytes({ ...further, delta: '' })
  if (firstRoom < LONGEST_CHARACTER) return { kind: 'too_large', bytes }
  const [first = '', ...rest] = splitText(event.delta, firstRoom, room)
  return { kind: 'fits', events: [{ ...event, delta: first }, ...rest.map((delta) => ({ ...further, delta }))] }
}

function cutResult(event: EventOf<'TOOL_CALL_RESULT'>, maxBytes: number): FittedEvent {
  const bytes = encodedBytes(event)
  if (bytes <= maxBytes) return { kind: 'fits', events: [event] }
  const { rawEvent: _, content, metadata, ...rest } = event
  const ours = metadata?.['throughline']
  const truncated = { bytes: typeof content === 'string' ? Buffer.byteLength(content) : encodedBytes(content) }
  const marked = { ...rest, metadata: { ...metadata, throughline: { ...(typeof ours === 'object' && ours), truncated } } }
  const room = maxBytes - encodedBytes({ ...marked, content: typeof content === 'string' ? '' : [] })
  if (room < 0) return { kind: 'too_large', bytes }
  return { kind: 'fits', events: [{ ...marked, content: typeof content === 'string' ? cutText(content, room) : cutParts(content, room) }] }
}

/** The parts that fit, the first text that does not cut short. */
function cutParts(parts: readonly ContentPart[], room: number): ContentPart[] {
  const kept: ContentPart[] = []
  let left = room
  for (const part of parts) {
    const fitting = encodedBytes(part) + 1 <= left ? part : cutPart(part, left - 1)
    if (fitting === undefined) continue
    kept.push(fitting)
    left -= encodedBytes(fitting) + 1
  }
  return kept
}

function cutPart(part: ContentPart, room: number): ContentPart | undefined {
  if (part.type !== 'text') return undefined
  const text = cutText(part.text, room - encodedBytes({ ...part, text: '' }))
  return text === '' ? undefined : { ...part, text }
}
