import type { HelloFrame } from '../protocol/index.ts'
import type { Socket } from './open-socket.ts'

/** A dial that is ready. */
export interface Dial {
  /** The first frame, with a fresh token where this transport has it there. */
  readonly hello: HelloFrame
  readonly openSocket: () => Socket
}
