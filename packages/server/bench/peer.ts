/** What is measured: one way to bring an agent's tokens to those who watch. Each file of `peers/` is one, used as its own documentation says. */
export interface Peer {
  readonly name: string
  /** Packages whose versions belong to the result. */
  readonly packages: readonly string[]
  /** Starts its server, in a process that does nothing else. */
  serve(options: ServeOptions): Promise<PeerServer>
  /** Opens one viewer, in the process of the load; settles when it watches. */
  watch(address: string, session: string, options: WatchOptions): Promise<PeerWatch>
  /** Where the product's own documentation has the producer outside of the server: hands tokens over from a process of its own. */
  readonly produce?: (address: string, session: string, tokens: AsyncIterable<string>) => Promise<void>
}

/** What a Throughline server of the benchmark stores in. */
export type ThroughlineStore = 'normal' | 'full' | 'memory'

export interface ServeOptions {
  /** An empty directory. */
  readonly directory: string
  readonly store: ThroughlineStore
}

export interface PeerServer {
  readonly address: string
  createSessions(count: number): Promise<readonly string[]>
  /** Lets an agent say these tokens in a session; settles when all were handed over. */
  say(session: string, tokens: AsyncIterable<string>): Promise<void>
  close(): Promise<void>
}

/**
 * `app`: as an app would, with the product's own client. `wire`: the same bytes, parsed, where a viewer is to go and come back at a moment of our
 * choice. `light`: only searched for tokens, the same for every peer; where a thousand viewers share a process it is the server that is to be measured.
 */
export type WatchedAs = 'app' | 'wire' | 'light'

export interface WatchOptions {
  readonly onText: (text: string) => void
  /** Where an earlier viewer of the session stood: only what it missed is to come. */
  readonly from?: unknown
  readonly as: WatchedAs
}

export interface PeerWatch {
  /** Where the viewer stands, to come back to. */
  cursor(): unknown
  close(): void
  /** Reads no more than so many bytes a second, and keeps the connection. */
  throttle?(bytesPerSecond: number): void
}
