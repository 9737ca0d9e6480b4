import { SessionError } from './errors.ts'
import { isRefusalCode } from './protocol/index.ts'

/** What the client needs of `fetch`. */
export type Fetch = (
  url: string,
  init: { readonly method: string; readonly headers: Record<string, string>; readonly body?: string },
) => Promise<{
  readonly ok: boolean
  readonly status: number
  readonly headers: { get(name: string): string | null }
  json(): Promise<unknown>
}>

/** Calls the server over HTTP and gives the body of its answer. Rejects with a SessionError. */
export type CallServer = (method: string, path: string, body?: unknown) => Promise<unknown>

/** What HTTP calls need. */
export interface CallServerOptions {
  readonly baseUrl: string
  readonly fetch: Fetch
  readonly token: () => Promise<string | undefined>
}

/** Makes the function that calls the server. */
export function serverCaller({ baseUrl, fetch, token }: CallServerOptions): CallServer {
  return async (method, path, body) => {
    let answer: Awaited<ReturnType<Fetch>>
    try {
      const bearer = await token()
      answer = await fetch(baseUrl + path, {
        method,
        headers: {
          ...(bearer !== undefined && { authorization: `Bearer ${bearer}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      })
    } catch (cause) {
      throw new SessionError('unreachable', `${method} ${path} got no answer: the server cannot be reached, try again`, { cause })
    }
    // An error page of a proxy, or an empty answer, is no JSON.
    const content = await answer.json().catch(() => undefined)
    if (answer.ok) return content
    const { status } = answer
    const { code = '', message } = (content ?? {}) as { readonly code?: string; readonly message?: string }
    const known = isRefusalCode(code) ? code : status < 500 ? 'protocol' : 'unavailable'
    throw new SessionError(status === 401 ? 'unauthorized' : known, message ?? `${method} ${path} was answered with ${status}`, {
      retryMs: Number(answer.headers.get('retry-after')) * 1000 || undefined,
    })
  }
}
