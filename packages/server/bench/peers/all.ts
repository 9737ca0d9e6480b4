import type { Peer } from '../peer.ts'
import { durableStreams } from './durable-streams.ts'
import { resumableStream } from './resumable-stream.ts'
import { socketIo } from './socket-io.ts'
import { sse } from './sse.ts'
import { throughline } from './throughline.ts'
import { wsArray } from './ws-array.ts'
import { wsCoalesced } from './ws-coalesced.ts'
import { ws } from './ws.ts'

export const PEERS = { throughline, ws, wsCoalesced, wsArray, sse, socketIo, durableStreams, resumableStream } satisfies Record<
  string,
  Peer
>

export type PeerName = keyof typeof PEERS
