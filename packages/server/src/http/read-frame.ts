import { decodeClientFrame, type DecodedClientFrame } from '@throughline/sdk/protocol'

/** Reads what came over a socket. A frame over the limit is decoded all the same, so that its refusal can say which it was. */
export function readFrame(bytes: Buffer, isBinary: boolean, limitBytes: number): DecodedClientFrame {
  if (isBinary) return { kind: 'refused', code: 'invalid', message: 'frames are JSON text, not binary' }
  const decoded = decodeClientFrame(bytes.toString())
  if (bytes.length <= limitBytes) return decoded
  const about = decoded.kind === 'frame' ? decoded.frame : decoded
  return {
    kind: 'refused',
    code: 'too_large',
    message: `the frame has ${bytes.length} bytes; the limit is ${limitBytes}`,
    ...('id' in about && { id: about.id }),
    ...('session' in about && { session: about.session }),
  }
}
