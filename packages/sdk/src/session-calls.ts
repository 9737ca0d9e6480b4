import type { CallServer } from './call-server.ts'
import type { SessionEntry, SessionStatus } from './protocol/index.ts'

/** How to make a session. */
export interface CreateOptions {
  /** The app's own name for it, unique for the user: a second create with it gives the same session. @default a new one */
  readonly key?: string | undefined
  readonly title?: string | undefined
  /** Which agent of the server answers. @default the server's default */
  readonly agent?: string | undefined
}

/** Which sessions to list: newest first. */
export interface SessionQuery {
  readonly open?: boolean | undefined
  readonly status?: SessionStatus | undefined
  /** The `next` of the page before this one, or an `updatedAt`: only older ones. */
  readonly before?: string | number | undefined
  /** From 1 to 200. @default 50 */
  readonly limit?: number | undefined
}

/** A page of a list of sessions. */
export interface SessionPage {
  readonly sessions: readonly SessionEntry[]
  /** The `before` of the next page; absent where there is none. */
  readonly next?: string
}

/** What may be changed of a session for this user. `open: false` closes it: what runs is stopped, and it leaves the layout. */
export interface SessionChange {
  readonly title?: string | undefined
  readonly open?: boolean | undefined
  readonly position?: number | undefined
  readonly settings?: unknown
}

/** What the server does with sessions over HTTP. All of it rejects with a SessionError. */
export interface SessionCalls {
  readonly create: (options: CreateOptions & { readonly key: string }) => Promise<SessionEntry>
  readonly list: (query: SessionQuery) => Promise<SessionPage>
  readonly update: (id: string, change: SessionChange) => Promise<SessionEntry>
  readonly delete: (id: string) => Promise<unknown>
}

/** The calls, each as one request. */
export function sessionCalls(call: CallServer): SessionCalls {
  return {
    create: (options) => call('POST', '/sessions', options) as Promise<SessionEntry>,
    list: (query) => {
      const asked = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : `${name}=${encodeURIComponent(value)}`))
      return call('GET', `/sessions?${asked.join('&')}`) as Promise<SessionPage>
    },
    update: (id, change) => call('PATCH', pathOf(id), change) as Promise<SessionEntry>,
    delete: (id) => call('DELETE', pathOf(id)),
  }
}

function pathOf(id: string): string {
  return `/sessions/${encodeURIComponent(id)}`
}
