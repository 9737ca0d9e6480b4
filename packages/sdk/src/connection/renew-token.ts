import type { Clock } from '../clock.ts'
import type { Log } from '../log.ts'
import type { AcceptedFrame, RefusedFrame, TokenFrame, TokenResult } from '../protocol/index.ts'

/** Gives the link a fresh token before the old one expires, so that it need not be closed for it. */
export interface TokenRenewal {
  /** The token that the server took expires then. Undefined: never. */
  readonly plan: (expiresAt: number | undefined) => void
  /** An answer of the server, which may be for a token of ours. */
  readonly answered: (frame: AcceptedFrame | RefusedFrame) => void
  readonly stop: () => void
}

/** What renewing a token needs. */
export interface TokenRenewalOptions {
  readonly clock: Clock
  readonly log: () => Log
  readonly mint: () => string
  readonly token: () => Promise<string | undefined>
  readonly send: (frame: TokenFrame) => void
  /** The fresh token is somebody else's: the link cannot go on with it. */
  readonly onOtherPrincipal: () => void
}

const PART = 0.8
const SPARE_MS = 5_000
const LEAST_MS = 1_000
const LONGEST_TIMER_MS = 2_147_483_647

/** Begins without a plan. One that fails ends with the link: it is closed as expired, and the next asks for a token anyway. */
export function startTokenRenewal({ clock, log, mint, token, send, onOtherPrincipal }: TokenRenewalOptions): TokenRenewal {
  let timer: unknown
  let asked: string | undefined
  let isOver = false

  function plan(expiresAt: number | undefined): void {
    clock.clearTimeout(timer)
    const leftMs = expiresAt === undefined ? 0 : expiresAt - clock.now()
    // The server has just taken the token: where our clock says that it has expired, nothing can be planned by it.
    if (leftMs > 0) wait(Math.max(LEAST_MS, Math.min(leftMs * PART, leftMs - SPARE_MS)))
  }

  function wait(ms: number): void {
    timer = clock.setTimeout(() => (ms > LONGEST_TIMER_MS ? wait(ms - LONGEST_TIMER_MS) : void renew()), Math.min(ms, LONGEST_TIMER_MS))
  }

  async function renew(): Promise<void> {
    const fresh = await token().catch(() => undefined)
    if (isOver) return
    log()?.({ type: 'token', outcome: fresh === undefined ? 'missing' : 'sent' })
    if (fresh === undefined) return
    asked = mint()
    send({ type: 'token', id: asked, token: fresh })
  }

  return {
    plan,
    answered: (frame) => {
      if (asked === undefined || frame.id !== asked) return
      asked = undefined
      log()?.({ type: 'token', outcome: frame.type })
      if (frame.type === 'accepted') plan((frame.result as TokenResult).expiresAt)
      else if (frame.code === 'forbidden') onOtherPrincipal()
    },
    stop: () => {
      isOver = true
      clock.clearTimeout(timer)
    },
  }
}
