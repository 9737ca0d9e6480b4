import { SessionError, type SessionErrorCode } from '../errors.ts'
import { CLOSE_CODES, isFinalClose } from '../protocol/index.ts'
import { backOffMs } from './back-off.ts'

/** How a link ended. */
export interface Loss {
  /** The WebSocket close code; 1006 where the link just broke, 1000 where we closed it. */
  readonly code: number
  readonly reason: string
  readonly cause?: unknown
  /** We closed it for a better one, e.g. because a wake signal found it dead: the next one is dialled at once. */
  readonly replace?: boolean
}

/** What the link did while it lived. */
export interface LinkLife {
  /** When it got its welcome, if it did. */
  readonly welcomedAt: number | undefined
  /** Whether a session's cursor moved. */
  readonly progressed: boolean
}

/** What is remembered from link to link. */
export interface LossHistory {
  /** Links in a row that neither held nor moved a cursor. */
  readonly failures: number
  /** How many of the last ones, in a row, were closed because the token had expired. */
  readonly expired: number
  /** When the last links without progress got their welcome. */
  readonly brief: readonly number[]
}

/** The history of a client that has lost nothing yet. */
export const NO_LOSSES: LossHistory = { failures: 0, expired: 0, brief: [] }

/** Whether, and after how long, the next link is dialled. */
export type LossVerdict = {
  readonly error: SessionError
  readonly history: LossHistory
} & ({ readonly kind: 'final' } | { readonly kind: 'retry'; readonly delayMs: number })

const HELD_MS = 5_000
const BRIEF_LINKS = 5
const BRIEF_WINDOW_MS = 10_000
const STORM_PAUSE_MS = 60_000

/** Judges the end of a link. */
export function judgeLoss(history: LossHistory, loss: Loss, life: LinkLife, now: number, random: () => number): LossVerdict {
  const { welcomedAt, progressed } = life
  // The clock may have been set back meanwhile.
  const held = progressed || (welcomedAt !== undefined && Math.abs(now - welcomedAt) >= HELD_MS)
  const failures = held ? 0 : history.failures
  const expired = loss.code === CLOSE_CODES.token_expired ? (held ? 1 : history.expired + 1) : 0
  const brief = progressed ? [] : welcomedAt === undefined ? history.brief : [...history.brief, welcomedAt].slice(-BRIEF_LINKS)
  const [first = 0] = brief
  // A server that accepts each link and drops it again would otherwise be dialled for ever at the shortest delay.
  const isStorm = brief.length === BRIEF_LINKS && Math.abs(now - first) <= BRIEF_WINDOW_MS
  const common = { error: lossError(loss), history: { failures: held ? 0 : failures + 1, expired, brief } }
  if (isFinalClose(loss.code) || expired > 1) return { kind: 'final', ...common }
  // A server that gives us up after a silence of ours, as while the page was stopped, comes no sooner than after 25 s: that makes no storm.
  const isAtOnce = loss.replace || (loss.code === CLOSE_CODES.ping_timeout && failures === 0)
  return { kind: 'retry', delayMs: isStorm ? STORM_PAUSE_MS : isAtOnce ? 0 : backOffMs(failures, random), ...common }
}

const FINAL_ERRORS: Readonly<Record<number, SessionErrorCode>> = {
  [CLOSE_CODES.token_expired]: 'unauthorized',
  [CLOSE_CODES.unauthorized]: 'unauthorized',
  [CLOSE_CODES.forbidden]: 'forbidden',
  [CLOSE_CODES.version]: 'version',
}

function lossError({ code, reason, cause }: Loss): SessionError {
  const errorCode = FINAL_ERRORS[code] ?? (isFinalClose(code) ? 'protocol' : 'unreachable')
  return new SessionError(errorCode, `the link was lost (${code}${reason && `: ${reason}`})`, { cause })
}
