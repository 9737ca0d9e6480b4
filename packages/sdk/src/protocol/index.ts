export { CLOSE_CODES, isFinalClose, type CloseReason } from './close-codes.ts'
export { formatCursor, parseCursor, type Cursor, type Mark } from './cursor.ts'
export { checkClientFrame, decodeClientFrame, type DecodedClientFrame } from './decode-client-frame.ts'
export { decodeServerFrame, type DecodedServerFrame } from './decode-server-frame.ts'
export { encodeFrame } from './encode-frame.ts'
export * from './events.ts'
export type * from './frames.ts'
export { isNestedDeeper } from './is-nested-deeper.ts'
export {
  AG_UI_VERSION,
  FRAME_DEPTH,
  HELLO_TIMEOUT_MS,
  isClientId,
  LIMITS,
  PING_GRACE_MS,
  PING_MS,
  SUBPROTOCOL,
  TOKEN_CHARS,
  type Limits,
} from './limits.ts'
export { isRefusalCode, REFUSALS, type RefusalCode } from './refusals.ts'
export type * from './session-entry.ts'
export { CUSTOM_BYTES, CUSTOM_NAMES, EMPTY_TRANSCRIPT, PARTS_PER_MESSAGE } from './transcript.ts'
export type * from './transcript.ts'
