import { labelOf, type Contender } from './lab.ts'

/** Throughline as the goals are about it. */
export const OURS: Contender = { peer: 'throughline', store: 'normal' }
export const OURS_FULL: Contender = { peer: 'throughline', store: 'full' }
export const OURS_IN_MEMORY: Contender = { peer: 'throughline', store: 'memory' }
export const ALL_OURS: readonly Contender[] = [OURS, OURS_FULL, OURS_IN_MEMORY]

export const WS: Contender = { peer: 'ws' }
export const WS_COALESCED: Contender = { peer: 'wsCoalesced' }
export const WS_ARRAY: Contender = { peer: 'wsArray' }
export const SSE: Contender = { peer: 'sse' }
export const SOCKET_IO: Contender = { peer: 'socketIo' }
export const DURABLE_STREAMS: Contender = { peer: 'durableStreams' }
export const RESUMABLE_STREAM: Contender = { peer: 'resumableStream' }

/** A figure of ours by that of a peer. */
export function ratioTo(peer: Contender, figure: string) {
  return (of: (label: string, figure: string) => number): number => of(labelOf(OURS), figure) / of(labelOf(peer), figure)
}

/** A figure of ours. */
export function ours(figure: string) {
  return (of: (label: string, figure: string) => number): number => of(labelOf(OURS), figure)
}
