import type { Direction } from './socket-pair.ts'
import { OPCODES, type Piece, type WebSocketFrame } from './web-socket-frames.ts'

/** What happens to a piece: its bytes pass, perhaps others than came, or none; after a `cut` the connection is reset. */
export interface Fate {
  readonly bytes: Buffer
  readonly cut?: true
}

/** Faults that concern single frames, on whichever connection they travel. */
export interface FrameFaults {
  readonly fateOf: (piece: Piece, direction: Direction) => Fate
  /** From now on no pong arrives. */
  readonly dropPongs: () => void
  /** Damages the next text frame to the client that contains the text, and then resolves. */
  readonly corruptNext: (containing: string) => Promise<void>
  /** Of the next text frame to the client that contains the text only the first half arrives; then the connection is cut, and it resolves. */
  readonly cutInNext: (containing: string) => Promise<void>
  /** Nothing happens to frames any more; those that were waited for are not. */
  readonly heal: () => void
}

/** What befalls one frame that is waited for. */
interface Ambush {
  readonly containing: string
  readonly befall: (frame: WebSocketFrame) => Fate
  readonly done: () => void
}

const NOTHING: Buffer = Buffer.alloc(0)
const PONG = /^\s*\{\s*"type"\s*:\s*"pong"/

/** No fault yet. */
export function frameFaults(): FrameFaults {
  let dropsPongs = false
  let ambushes: readonly Ambush[] = []

  function lieInWait(containing: string, befall: Ambush['befall']): Promise<void> {
    return new Promise((done) => {
      ambushes = [...ambushes, { containing, befall, done }]
    })
  }

  return {
    fateOf(piece, direction) {
      if (piece.kind === 'bytes') return { bytes: piece.raw }
      if (dropsPongs && isPong(piece)) return { bytes: NOTHING }
      const ambush = direction === 'toClient' && ambushes.find(({ containing }) => isText(piece) && piece.payload.includes(containing))
      if (!ambush) return { bytes: piece.raw }
      ambushes = ambushes.filter((other) => other !== ambush)
      ambush.done()
      return ambush.befall(piece)
    },
    dropPongs: () => {
      dropsPongs = true
    },
    corruptNext: (containing) => lieInWait(containing, ({ raw, payload }) => ({ bytes: corrupted(raw, payload) })),
    cutInNext: (containing) => lieInWait(containing, ({ raw }) => ({ bytes: raw.subarray(0, Math.ceil(raw.length / 2)), cut: true })),
    heal: () => {
      dropsPongs = false
      ambushes = []
    },
  }
}

function isText({ opcode, payload }: WebSocketFrame): boolean {
  return opcode === OPCODES.text && payload.length > 0
}

function isPong(frame: WebSocketFrame): boolean {
  return frame.opcode === OPCODES.pong || (isText(frame) && frame.isWhole && PONG.test(frame.payload.toString('latin1', 0, 32)))
}

/** One bit of the payload's first byte is flipped: `{` becomes `[`. It is still a text frame, and no JSON any more. Servers mask nothing. */
function corrupted(raw: Buffer, payload: Buffer): Buffer {
  const damaged = Buffer.from(raw)
  const at = raw.length - payload.length
  damaged[at] = (raw[at] ?? 0) ^ 0x20
  return damaged
}
