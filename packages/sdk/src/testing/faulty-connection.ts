import { connect, type Socket } from 'node:net'
import { faultyPipe, type FaultyPipe } from './faulty-pipe.ts'
import type { FrameFaults } from './frame-faults.ts'
import type { Direction } from './socket-pair.ts'
import { splitConnection } from './web-socket-frames.ts'

/** A client's connection to the proxy, and the one from there to the server. */
export interface FaultyConnection {
  /** Resets both ends (RST). */
  readonly cut: () => void
  /** Ends both in good order (FIN). */
  readonly hangUp: () => void
  /** The end that the direction leads to is told that the other one has finished (FIN); the other direction stays open. */
  readonly halfClose: (direction: Direction) => void
  readonly hold: () => void
  readonly release: () => void
  /** Nothing passes any more, ever, and neither end is told. */
  readonly strand: () => void
}

/** What a connection works with. */
export interface FaultyConnectionOptions {
  readonly client: Socket
  readonly target: { readonly host: string; readonly port: number }
  readonly faults: FrameFaults
  readonly delayMs: () => number
  /** Both ends are gone. */
  readonly onClosed: () => void
}

/** Leads a client's connection on to the server. Where that cannot be reached, the client's is reset. */
export function faultyConnection({ client, target, faults, delayMs, onClosed }: FaultyConnectionOptions): FaultyConnection {
  const server = connect({ ...target, allowHalfOpen: true })
  const { fromClient, fromServer } = splitConnection()
  const pipes: Readonly<Record<Direction, FaultyPipe>> = {
    toServer: faultyPipe({
      from: client,
      to: server,
      splitter: fromClient,
      fateOf: (piece) => faults.fateOf(piece, 'toServer'),
      delayMs,
      cut,
    }),
    toClient: faultyPipe({
      from: server,
      to: client,
      splitter: fromServer,
      fateOf: (piece) => faults.fateOf(piece, 'toClient'),
      delayMs,
      cut,
    }),
  }
  for (const socket of [client, server]) {
    socket.setNoDelay(true)
    socket.once('close', () => {
      if (client.closed && server.closed) onClosed()
    })
  }

  function cut(): void {
    client.resetAndDestroy()
    server.resetAndDestroy()
  }

  return {
    cut,
    hangUp: () => {
      pipes.toClient.finish()
      pipes.toServer.finish()
    },
    halfClose: (direction) => pipes[direction].finish(),
    hold: () => {
      pipes.toClient.hold()
      pipes.toServer.hold()
    },
    release: () => {
      pipes.toClient.release()
      pipes.toServer.release()
    },
    strand: () => {
      pipes.toClient.lose()
      pipes.toServer.lose()
    },
  }
}
