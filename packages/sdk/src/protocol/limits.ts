/** Sizes in encoded UTF-8 bytes, counts and times that both sides hold to; a server may be configured to others and says so in `welcome`. */
export interface Limits {
  /** A client frame. */
  readonly frameBytes: number
  /** A sent message, or the payload of an answer. */
  readonly messageBytes: number
  /** All waiting messages of a session beyond the first. */
  readonly queueBytes: number
  /** Commands a principal may give in one minute; attaches are counted apart. */
  readonly commandsPerMinute: number
  /** Sessions attached over one link. */
  readonly sessionsPerLink: number
}

/** The limits unless a server is told otherwise. */
export const LIMITS: Limits = {
  frameBytes: 256 * 1024,
  messageBytes: 128 * 1024,
  queueBytes: 128 * 1024,
  commandsPerMinute: 120,
  sessionsPerLink: 64,
}

/** The WebSocket subprotocol, which names the version of the wire. */
export const SUBPROTOCOL = 'throughline.1'

/** The AG-UI protocol version of the events. */
export const AG_UI_VERSION = '1.0'

/** How long a server waits for `hello`. */
export const HELLO_TIMEOUT_MS = 10_000

/** How often a server pings, unless `welcome.pingMs` says otherwise. */
export const PING_MS = 15_000

/** How long after a missed ping a link counts as dead. */
export const PING_GRACE_MS = 10_000

/** How many objects and arrays of a client frame may stand inside each other: what is nested deeper, some languages cannot read. */
export const FRAME_DEPTH = 128

/** How many characters a token may have, in frames. */
export const TOKEN_CHARS = 16 * 1024

const CLIENT_ID = /^[A-Za-z0-9._:-]{1,128}$/

/** Whether a text may be an id that a client minted: 1–128 of `[A-Za-z0-9._:-]`. */
export function isClientId(text: string): boolean {
  return CLIENT_ID.test(text)
}
