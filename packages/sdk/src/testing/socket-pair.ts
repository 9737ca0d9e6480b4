import type { SocketConstructor } from '../connection/open-socket.ts'
import { openLane, type Lane } from './lane.ts'
import { WiredSocket, type PairedSocket } from './paired-socket.ts'

/** One way through a wire. */
export type Direction = 'toClient' | 'toServer'

/** What lies between the two ends, and what can go wrong with it. */
export interface Wire {
  /** From now on nothing arrives; it waits. */
  readonly hold: (...directions: Direction[]) => void
  /** Delivers what waits, as one packet: its frames arrive in one turn, with no microtask between. What is sent later waits again. */
  readonly flush: (...directions: Direction[]) => void
  /** Delivers what waits, and again everything that follows. */
  readonly release: (...directions: Direction[]) => void
  /** The connection breaks, and both ends see it at once (1006). */
  readonly cut: () => void
  /** The connection breaks, and nobody sees it: nothing arrives any more, and no end is told. */
  readonly blackHole: () => void
}

/** Two ends and the wire between them. */
export interface SocketPair {
  readonly client: PairedSocket
  readonly server: PairedSocket
  readonly wire: Wire
}

/** Takes a connection on the server's side; a `cut` in here refuses it. */
export type Accept = (server: PairedSocket, wire: Wire, request: { readonly url: string; readonly protocols: readonly string[] }) => void

/** A WebSocket class whose sockets lead to the given function, each as an end of a pair of its own. */
export function webSocketTo(accept: Accept): SocketConstructor {
  function dial(url: string, protocols: readonly string[] = []): PairedSocket {
    const { client, server, wire, open } = closedPair(url, protocols[0] ?? '')
    queueMicrotask(() => {
      accept(server, wire, { url, protocols })
      open()
    })
    return client
  }
  // What `new` calls may be any function; the object it returns takes the place of the new one.
  return dial as unknown as SocketConstructor
}

const BOTH: readonly Direction[] = ['toClient', 'toServer']
const BROKEN = 1006

/**
 * Two sockets that talk to each other in memory, packet by packet: what one end sends in a turn, the other gets in a turn, frame
 * after frame with no microtask between, as Node's `ws` does with frames that share a packet.
 */
export function socketPair(url = 'ws://pair', protocol = ''): SocketPair {
  const { open, ...pair } = closedPair(url, protocol)
  open()
  return pair
}

function closedPair(url: string, protocol: string): SocketPair & { readonly open: () => void } {
  const toClient = openLane()
  const toServer = openLane()
  const server = new WiredSocket(url, protocol, toClient)
  const client = new WiredSocket(url, protocol, toServer)
  toClient.deliver = (parcel) => client.receive(parcel)
  toServer.deliver = (parcel) => server.receive(parcel)

  const lanes = { toClient, toServer }
  const each = (directions: readonly Direction[], act: (lane: Lane) => void) => {
    for (const direction of directions.length > 0 ? directions : BOTH) act(lanes[direction])
  }
  return {
    client,
    server,
    wire: {
      hold: (...directions) => each(directions, (held) => held.hold()),
      flush: (...directions) => each(directions, (held) => held.flush()),
      release: (...directions) => each(directions, (held) => held.release()),
      cut: () => {
        client.end(BROKEN, '')
        server.end(BROKEN, '')
      },
      blackHole: () => each([], (lost) => lost.lose()),
    },
    open: () => {
      server.receive({ kind: 'open' })
      toClient.post({ kind: 'open' })
    },
  }
}
