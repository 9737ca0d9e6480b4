/** A piece of what one end of a connection says: a whole WebSocket frame, or bytes that are none. */
export type Piece = { readonly kind: 'bytes'; readonly raw: Buffer } | WebSocketFrame

/** A WebSocket frame on the wire. */
export interface WebSocketFrame {
  readonly kind: 'frame'
  /** As it is on the wire. */
  readonly raw: Buffer
  readonly opcode: number
  /** Whether it is a whole message, not a part of one. */
  readonly isWhole: boolean
  /** Unmasked. */
  readonly payload: Buffer
}

/** Cuts what one end says into pieces. A frame whose end has not come yet is kept for the next chunk. */
export interface Splitter {
  readonly split: (chunk: Buffer) => readonly Piece[]
  /** What is kept of a frame that is not whole yet. */
  readonly rest: () => Buffer
}

/** The opcodes of WebSocket frames that faults are about. */
export const OPCODES = { text: 0x1, pong: 0xa } as const

const SWITCHING = 'HTTP/1.1 101 '
const END_OF_HEAD = '\r\n\r\n'
const NOTHING: Buffer = Buffer.alloc(0)

/**
 * Splitters for the two ways of one connection. It carries HTTP, which is passed on as it comes, until the server agrees to an
 * upgrade: that begins a chunk of its own, since both ends wait for it. From there on either end sends frames.
 */
export function splitConnection(): { readonly fromClient: Splitter; readonly fromServer: Splitter } {
  const clientFrames = frameSplitter()
  const serverFrames = frameSplitter()
  let state: 'http' | 'switching' | 'frames' = 'http'
  let head = NOTHING

  function splitServer(chunk: Buffer): readonly Piece[] {
    if (state === 'http' && chunk.toString('latin1', 0, SWITCHING.length) === SWITCHING) state = 'switching'
    if (state === 'http') return [{ kind: 'bytes', raw: chunk }]
    if (state === 'frames') return serverFrames.split(chunk)
    head = Buffer.concat([head, chunk])
    const end = head.indexOf(END_OF_HEAD)
    if (end === -1) return []
    state = 'frames'
    const from = end + END_OF_HEAD.length
    const pieces: readonly Piece[] = [{ kind: 'bytes', raw: head.subarray(0, from) }, ...serverFrames.split(head.subarray(from))]
    head = NOTHING
    return pieces
  }

  return {
    fromClient: {
      split: (chunk) => (state === 'frames' ? clientFrames.split(chunk) : [{ kind: 'bytes', raw: chunk }]),
      rest: clientFrames.rest,
    },
    fromServer: { split: splitServer, rest: () => Buffer.concat([head, serverFrames.rest()]) },
  }
}

function frameSplitter(): Splitter {
  let kept = NOTHING
  return {
    split(chunk) {
      kept = Buffer.concat([kept, chunk])
      const frames: WebSocketFrame[] = []
      for (let frame = firstFrame(kept); frame !== undefined; frame = firstFrame(kept)) {
        frames.push(frame)
        kept = kept.subarray(frame.raw.length)
      }
      return frames
    },
    rest: () => kept,
  }
}

const MASK_BYTES = 4

function firstFrame(bytes: Buffer): WebSocketFrame | undefined {
  const [first, second] = bytes
  if (first === undefined || second === undefined) return undefined
  const shortLength = second & 0x7f
  const lengthBytes = shortLength === 127 ? 8 : shortLength === 126 ? 2 : 0
  const isMasked = (second & 0x80) !== 0
  const payloadAt = 2 + lengthBytes + (isMasked ? MASK_BYTES : 0)
  if (bytes.length < payloadAt) return undefined
  const length = lengthBytes === 0 ? shortLength : lengthBytes === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2))
  if (bytes.length < payloadAt + length) return undefined

  const raw = bytes.subarray(0, payloadAt + length)
  const masked = raw.subarray(payloadAt)
  const mask = raw.subarray(payloadAt - MASK_BYTES, payloadAt)
  return {
    kind: 'frame',
    raw,
    opcode: first & 0x0f,
    isWhole: (first & 0x80) !== 0 && (first & 0x0f) !== 0,
    payload: isMasked ? Buffer.from(masked.map((byte, at) => byte ^ (mask[at % MASK_BYTES] ?? 0))) : masked,
  }
}
