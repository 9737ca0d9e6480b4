import { decodeServerFrame, parseCursor, type Cursor } from '../protocol/index.ts'
import { applyFrame, BLANK_REPLICA, type Replica } from '../session/replica.ts'
import { FOLD_VERSION } from '../transcript/fold-version.ts'
import { utf8Bytes } from '../utf8-bytes.ts'

/** What a record says of itself, to be read without reading all of it. */
export interface RecordHead {
  /** When it was written, in milliseconds since the epoch. */
  readonly at: number
  readonly cursor: Cursor
  readonly seq: number
}

const MAX_BYTES = 1024 * 1024
// The record around its window.
const FRAME_BYTES = 1024

const HEAD = new RegExp(`^(\\d+) ${FOLD_VERSION} (\\S+) `)

/**
 * Writes a replica down: one text with its cursor, as a snapshot that a server might have sent. Of one that is too large, the newest window;
 * undefined where agent state and queue alone are.
 */
export async function encodeReplica(replica: Replica, cursor: Cursor, at: number): Promise<string | undefined> {
  const record = encode(replica, cursor, at)
  if (utf8Bytes(record) <= MAX_BYTES) return record
  const { windowOf } = await import('../transcript/window-of.ts')
  const { transcript, dropped } = windowOf(replica.transcript, MAX_BYTES - FRAME_BYTES)
  const window = encode({ ...replica, transcript, more: replica.more || dropped > 0 }, cursor, at)
  return utf8Bytes(window) <= MAX_BYTES ? window : undefined
}

function encode({ more, transcript }: Replica, cursor: Cursor, at: number): string {
  const snapshot = { cursor, more, transcript }
  const frame = { type: 'attached', id: '', session: '', head: 0, resumed: false, reason: 'no_cursor', snapshot }
  return `${Math.floor(at)} ${FOLD_VERSION} ${cursor} ${JSON.stringify(frame)}`
}

/** The head of a record; undefined where the text is none, or was made by another version of the fold. */
export function headOf(record: string): RecordHead | undefined {
  const [, at, cursor = ''] = HEAD.exec(record) ?? []
  const parsed = parseCursor(cursor)
  return parsed && { at: Number(at), cursor, seq: parsed.seq }
}

/** Reads a replica back; undefined where anything about the record is wrong. It is checked as a frame of the server is. */
export function decodeReplica(record: string): Replica | undefined {
  const head = headOf(record)
  const decoded = decodeServerFrame(record.replace(HEAD, ''))
  if (decoded.kind !== 'frame' || decoded.frame.type !== 'attached') return undefined
  const verdict = applyFrame(BLANK_REPLICA, decoded.frame)
  return verdict.kind === 'applied' && verdict.replica.cursor === head?.cursor ? verdict.replica : undefined
}
