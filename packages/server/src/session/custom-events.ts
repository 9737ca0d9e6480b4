import type { EventOf, SessionEvent } from '@throughline/sdk/protocol'
import { Refusal } from './refusal.ts'

/** An event of the embedding app. */
export type AppEvent = Pick<EventOf<'CUSTOM'>, 'name' | 'value'>

const LARGEST_VALUE = 256 * 1024

/**
 * Events of the embedding app, ready for a journal. They are copies: what the app does with its values later reaches nobody.
 *
 * @throws Refusal `invalid` where a name is the server's own or a value is no JSON, `too_large` where it has too many bytes.
 */
export function customEvents(given: readonly AppEvent[], timestamp: number): readonly SessionEvent[] {
  return given.map(({ name, value }) => {
    if (name.startsWith('throughline/')) throw new Refusal('invalid', `${name}: names with throughline/ are the server's own`)
    const json = encode(name, value)
    if (Buffer.byteLength(json) > LARGEST_VALUE) throw new Refusal('too_large', `${name} is larger than ${LARGEST_VALUE} bytes`)
    return { type: 'CUSTOM', name, value: JSON.parse(json) as unknown, timestamp }
  })
}

function encode(name: string, value: unknown): string {
  let json: string | undefined
  try {
    json = JSON.stringify(value)
  } catch (cause) {
    throw new Refusal('invalid', `the value of ${name} is no JSON: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
  if (json === undefined) throw new Refusal('invalid', `${name} has no value: null says that there is none`)
  return json
}
