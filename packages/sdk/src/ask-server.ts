import type { PlatformSignal } from './abort-switch.ts'

/** What the client needs of `fetch`. */
export type Fetch = (
  url: string,
  init: {
    readonly method: string
    readonly headers: Record<string, string>
    readonly body?: string
    readonly signal?: PlatformSignal
  },
) => Promise<FetchAnswer>

/** What the client needs of what `fetch` gives. */
export interface FetchAnswer {
  readonly ok: boolean
  readonly status: number
  readonly headers: { get(name: string): string | null }
  /** A stream of bytes, where the platform has them. */
  readonly body?: unknown
  json(): Promise<unknown>
  /** Asked only where `body` is no stream. */
  text?(): Promise<string>
}

/** Makes a request of the server, with the token of the user. Rejects where there is no answer. */
export type AskServer = (method: string, path: string, body: string | undefined, signal: PlatformSignal) => Promise<FetchAnswer>

/** What requests need. */
export interface AskServerOptions {
  /** Server and prefix, without a slash at the end. */
  readonly baseUrl: string
  readonly fetch: Fetch
  readonly token: () => Promise<string | undefined>
}

const UNAUTHORIZED = 401

/** Makes the function that asks. A token that the server does not take is asked for once more: it may have expired just now. */
export function serverAsker({ baseUrl, fetch, token }: AskServerOptions): AskServer {
  return async (method, path, body, signal) => {
    const ask = (bearer: string | undefined) =>
      fetch(baseUrl + path, {
        method,
        headers: {
          ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body }),
        signal,
      })
    const first = await token()
    const answer = await ask(first)
    if (answer.status !== UNAUTHORIZED) return answer
    const second = await token()
    return second === first ? answer : ask(second)
  }
}

/** How long the server asks to be left alone, by its `Retry-After`, which is in seconds or a date. */
export function retryAfterMs({ headers }: Pick<FetchAnswer, 'headers'>, now: number): number | undefined {
  const after = headers.get('retry-after')
  if (after === null) return undefined
  const seconds = Number(after)
  return Math.max(0, Number.isNaN(seconds) ? Date.parse(after) - now : seconds * 1000) || undefined
}
