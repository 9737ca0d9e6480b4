import type { Wire } from '@throughline/sdk/testing'

/** What lies between a page and a server, and what can go wrong with it. */
export interface Line extends Pick<Wire, 'hold' | 'flush' | 'release' | 'cut' | 'blackHole'> {
  /** The page is gone: the server sees the end, and nobody else is there to see it. */
  readonly leave: () => void
}

/** What a line may do to what it carries: a frame to the client, an attach to the server, or a request. */
export interface Tampering {
  readonly batch: () => 'pass' | 'repeat' | 'lose'
  readonly attach: () => 'pass' | 'garble'
  readonly request: () => 'pass' | 'lose' | 'lose answer' | 'hang'
}
