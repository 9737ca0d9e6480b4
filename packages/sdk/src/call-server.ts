import { abortSwitch } from './abort-switch.ts'
import { retryAfterMs, type AskServer, type FetchAnswer } from './ask-server.ts'
import type { Clock } from './clock.ts'
import { SessionError } from './errors.ts'
import type { Log } from './log.ts'
import { isRefusalCode } from './protocol/index.ts'

/** Calls the server over HTTP and gives the body of its answer. Rejects with a SessionError. */
export type CallServer = (method: string, path: string, body?: unknown) => Promise<unknown>

/** Calls to a server, until they are closed. */
export interface ServerCalls {
  readonly call: CallServer
  /** Ends what is under way, which rejects with this error, as does what is called from then on. */
  readonly close: (error: SessionError) => void
}

/** What HTTP calls need. */
export interface ServerCallsOptions {
  readonly ask: AskServer
  readonly clock: Clock
  readonly log: () => Log
}

const ANSWER_MS = 30_000
const NO_CONTENT = 204

/** Begins without calls. */
export function serverCalls({ ask, clock, log }: ServerCallsOptions): ServerCalls {
  const endings = new Set<(error: SessionError) => void>()
  let closed: SessionError | undefined

  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    if (closed) throw closed
    const name = `${method} ${path}`
    const aborting = abortSwitch()
    let reject: ((error: SessionError) => void) | undefined
    const end = (error: SessionError) => reject?.(error)
    let answer: FetchAnswer | undefined
    const asked = ask(method, path, body === undefined ? undefined : JSON.stringify(body), aborting.signal).then(async (given) => {
      answer = given
      return contentOf(given, name, clock.now())
    })
    const ended = new Promise<never>((_, rejects) => {
      reject = rejects
    })
    const timer = clock.setTimeout(() => end(unreachable(name, `no answer within ${ANSWER_MS / 1000} s`)), ANSWER_MS)
    endings.add(end)
    try {
      return await Promise.race([asked, ended])
    } catch (cause) {
      aborting.abort()
      const error = cause instanceof SessionError ? cause : unreachable(name, 'no answer', cause)
      log()?.({ type: 'http', method, path, ...(answer && { status: answer.status }), code: error.code })
      throw error
    } finally {
      clock.clearTimeout(timer)
      endings.delete(end)
    }
  }

  return {
    call,
    close: (error) => {
      closed = error
      for (const end of endings) end(error)
    },
  }
}

/** What an answer holds, if it is one of our server's. */
async function contentOf(answer: FetchAnswer, name: string, now: number): Promise<unknown> {
  const { ok, status, headers } = answer
  // An error page of a proxy, or an empty answer, is no JSON.
  const content = await answer.json().catch(() => undefined)
  const isOurs = typeof content === 'object' && content !== null
  if (ok && (isOurs || status === NO_CONTENT)) return content
  if (ok)
    throw new SessionError(
      'unreachable',
      `${name} was answered by something that is not the server (${headers.get('content-type') ?? 'no JSON'}): does this network ask for a login? Open a page in the browser, then try again`,
    )
  const { code = '', message = `${name} was answered with ${status}` } = (isOurs ? content : {}) as {
    readonly code?: string
    readonly message?: string
  }
  const known = isRefusalCode(code) ? code : status === 429 ? 'rate_limited' : status < 500 ? 'protocol' : 'unavailable'
  throw new SessionError(status === 401 ? 'unauthorized' : known, message, { retryMs: retryAfterMs(answer, now) })
}

function unreachable(name: string, what: string, cause?: unknown): SessionError {
  return new SessionError('unreachable', `${name} got ${what}: the server cannot be reached, try again`, { cause })
}
