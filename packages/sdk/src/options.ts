import type { Fetch } from './ask-server.ts'
import type { Clock, Timers } from './clock.ts'
import type { SocketConstructor } from './connection/open-socket.ts'
import { SessionError } from './errors.ts'
import type { KeyValueStorage } from './saved/key-value-storage.ts'
import { browserWake } from './wake/browser-wake.ts'
import type { WakeSource } from './wake/wake-source.ts'

/** How a client connects. Everything has a default that suits browsers and Node. */
export interface ConnectOptions {
  /** Says who the user is. A function is asked anew for each link and each HTTP call, so that it can give a fresh one. @default none */
  readonly token?: string | (() => string | undefined | Promise<string | undefined>) | undefined
  /**
   * Where transcripts and unsent commands are kept, so that a page that is opened again shows them at once and loses nothing; `false` keeps
   * nothing. What is kept is of one server and principal, and `signOut()` removes it. @default IndexedDB in browsers, elsewhere nothing
   */
  readonly storage?: KeyValueStorage | false | undefined
  /**
   * The principal that the token stands for, where the app knows it: then what was kept is shown before the server answers. If the server says
   * another, that one counts. @default known when the server has said it
   */
  readonly user?: string | undefined
  /** The path below the server's URL that everything is under. @default '/v1' */
  readonly prefix?: string | undefined
  /** The app's name, for the server's logs. @default 'throughline-sdk' */
  readonly name?: string | undefined
  /** The app's version, for the server's logs. @default '0' */
  readonly version?: string | undefined
  /** The WebSocket class. @default the platform's, or `ws` in Node */
  readonly WebSocket?: SocketConstructor | undefined
  /** @default the platform's */
  readonly fetch?: Fetch | undefined
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: (() => number) | undefined
  /** A number from 0 up to 1, for jitter and ids. @default Math.random */
  readonly random?: (() => number) | undefined
  /** @default the platform's */
  readonly timers?: Timers | undefined
  /** Tells when somebody comes back to the app. @default the page's events in a browser, nothing elsewhere */
  readonly wake?: WakeSource | undefined
}

/** The options with every default in its place. */
export interface ResolvedOptions {
  /** Server and prefix, without a slash at the end. */
  readonly baseUrl: string
  readonly token: () => Promise<string | undefined>
  readonly app: { readonly name: string; readonly version: string }
  readonly WebSocket: SocketConstructor | undefined
  readonly fetch: Fetch
  readonly clock: Clock
  readonly random: () => number
  readonly wake: WakeSource
  readonly storage: KeyValueStorage | false | undefined
  readonly user: string | undefined
}

/** The only place that reads a raw option. */
export function resolveOptions(url: string, options: ConnectOptions): ResolvedOptions {
  if (!/^(http|ws)s?:\/\/./.test(url))
    throw new SessionError('invalid', `connect() needs the server's URL, such as https://example.com, but got "${url}"`)
  const { token, prefix = '/v1', name = 'throughline-sdk', version = '0', now = Date.now, random = Math.random } = options
  const platform = globalThis as unknown as Timers & { readonly fetch: Fetch }
  const timers = options.timers ?? platform
  return {
    baseUrl: (url.replace(/^ws/, 'http') + prefix).replace(/([^:/])\/+/g, '$1/').replace(/\/$/, ''),
    token: async () => (typeof token === 'function' ? token() : token),
    app: { name, version },
    WebSocket: options.WebSocket,
    fetch: options.fetch ?? ((input, init) => platform.fetch(input, init)),
    clock: { now, setTimeout: (callback, ms) => timers.setTimeout(callback, ms), clearTimeout: (timer) => timers.clearTimeout(timer) },
    random,
    wake: options.wake ?? browserWake(),
    storage: options.storage,
    user: options.user,
  }
}
