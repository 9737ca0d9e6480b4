import {
  checkClientFrame,
  type AttachFrame,
  type ClientFrame,
  type HelloFrame,
  type PingFrame,
  type WatchFrame,
} from '@throughline/sdk/protocol'
import { Refusal } from '../session/refusal.ts'

/** How many frames a client may send before it is welcomed. */
export const OPENING_FRAMES = 200

/** How large they may be together, in bytes. */
export const OPENING_BYTES = 256 * 1024

/** What a client says to open an event stream: the frames that it sends over a WebSocket as soon as that is open. */
export interface Opening {
  readonly hello: HelloFrame
  readonly asked: readonly (AttachFrame | WatchFrame)[]
  /** To be answered when all attaches are. */
  readonly pings: readonly PingFrame[]
}

/**
 * Reads the body of a request for an event stream. `token`: that of its `Authorization` header.
 *
 * @throws Refusal `invalid` where it does not begin with `hello`, has a frame that a stream cannot do, or two tokens.
 */
export function readOpening(body: readonly unknown[], token: string | undefined): Opening {
  const [first, ...others] = body.map(checkedFrame)
  if (first?.type !== 'hello') throw new Refusal('invalid', 'the first frame is a hello')
  if (first.token !== undefined && first.token !== token)
    throw new Refusal('invalid', 'hello.token is not the token of the Authorization header; here that header is enough')
  const asked: (AttachFrame | WatchFrame)[] = []
  const pings: PingFrame[] = []
  for (const frame of others) {
    if (frame.type === 'attach' || frame.type === 'watch') asked.push(frame)
    else if (frame.type === 'ping') pings.push(frame)
    else throw new Refusal('invalid', `a stream is opened by hello, attach, watch and ping; it cannot do ${frame.type}`)
  }
  return { hello: first, asked, pings }
}

function checkedFrame(value: unknown): ClientFrame {
  const checked = checkClientFrame(value)
  if (checked.kind === 'refused') throw new Refusal(checked.code, checked.message)
  return checked.frame
}
