import { createHash } from 'node:crypto'
import type { CommandFrame } from '@throughline/sdk/protocol'

/** A digest of a command's body: the same for the same command, whatever the order of its fields. */
export function digestOf(frame: CommandFrame): string {
  return createHash('sha256').update(JSON.stringify(frame, sortFields)).digest('base64url')
}

function sortFields(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1)))
}
