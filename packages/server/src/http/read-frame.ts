import { decodeClientFrame, type DecodedClientFrame } from '@throughline/sdk/protocol'

/** A frame over the limit is refused by its id; one over this many times as much is not even read. */
export const UNREAD_FRAMES = 16

/** Reads what came over a socket. A frame over the limit is decoded all the same, so that its refusal can say which it was. */
export function readFrame(bytes: Buffer, isBinary: boolean, limitBytes: number): DecodedClientFrame {
  if (isBinary) return { kind: 'refused', code: 'invalid', message: 'frames are JSON text, not binary' }
  return withinLimit(decodeClientFrame(bytes.toString()), bytes.length, limitBytes)
}

/** Refuses a decoded frame of more bytes than it may have. */
export function withinLimit(decoded: DecodedClientFrame, bytes: number, limitBytes: number): DecodedClientFrame {
  if (bytes <= limitBytes) return decoded
  const about = decoded.kind === 'frame' ? decoded.frame : decoded
  return {
    kind: 'refused',
    code: 'too_large',
    message: `the frame has ${bytes} bytes; the limit is ${limitBytes}`,
    ...('id' in about && { id: about.id }),
    ...('session' in about && { session: about.session }),
  }
}
