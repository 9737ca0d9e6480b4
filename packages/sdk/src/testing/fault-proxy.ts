import type { Server as HttpServer } from 'node:http'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { faultyConnection, type FaultyConnection } from './faulty-connection.ts'
import { frameFaults } from './frame-faults.ts'
import type { Direction } from './socket-pair.ts'
import { bufferingProxy, captivePortal, overloadedServer } from './stand-ins.ts'

export type { Direction } from './socket-pair.ts'

/** Where a fault proxy stands. */
export interface FaultProxyOptions {
  /** The server: its URL, `http://127.0.0.1:7420`, or a port of this machine. */
  readonly target: string | number
  /** Where to listen. @default any free port */
  readonly port?: number | undefined
  /** The address to listen on. @default '127.0.0.1' */
  readonly host?: string | undefined
}

/** A network between clients and a server that breaks when it is told to. Faults add up, and last until `heal`. */
export interface FaultProxy {
  /** What clients connect to in the server's place. */
  readonly url: string
  readonly port: number
  /** How many connections are open. */
  readonly connections: number
  /** Resets every open connection at once (RST); new ones come up. Answers how many there were. */
  readonly cut: () => number
  /**
   * Resets the connection in the middle of the next text frame that a server sends: only its first half arrives. Resolves then.
   *
   * @param containing waits for a frame that contains this text
   */
  readonly cutMidFrame: (containing?: string) => Promise<void>
  /** Ends every open connection in good order (FIN), without a WebSocket close; new ones come up. */
  readonly hangUp: () => void
  /** Tells one end of every open connection that the other has finished (FIN). The other way stays open. @default 'toClient' */
  readonly halfClose: (direction?: Direction) => void
  /** Nothing passes, either way, and neither end is told; new connections open, and stay silent. `heal` delivers what waits, as TCP does. */
  readonly blackHole: () => void
  /** Nothing passes any more over the connections that are open now, for ever, as after a change of address; new ones come up. */
  readonly strand: () => void
  /** What is said arrives so many milliseconds later, either way. */
  readonly delay: (ms: number) => void
  /** Swallows every pong, the protocol's and WebSocket's own, either way. Everything else passes. */
  readonly dropPongs: () => void
  /** Resets the next connections as soon as they open. @default every one, until `heal` */
  readonly refuse: (connections?: number) => void
  /**
   * Damages the next text frame that a server sends, by one bit of its first byte: it stays a valid WebSocket frame, and is no JSON
   * any more. Resolves then.
   *
   * @param containing waits for a frame that contains this text
   */
  readonly corrupt: (containing?: string) => Promise<void>
  /** A captive portal: cuts what is open, and answers everything with 200 and a page of HTML. */
  readonly answerHtml: () => void
  /** Cuts what is open, and answers everything with 503 and `Retry-After`. */
  readonly answer503: (retryAfterSec: number) => void
  /** A proxy that does not stream: cuts what is open, passes an answer on only when it is complete, and knows nothing of upgrades. */
  readonly bufferResponses: () => void
  /** Ends all faults. What a black hole held back is delivered; what is stranded stays so. */
  readonly heal: () => void
  /** Closes the proxy and everything that is open. */
  readonly close: () => Promise<void>
}

/**
 * Puts a proxy in front of a server, whose network then breaks as the test says. Node only.
 *
 * ```ts
 * const proxy = await faultProxy({ target: 'http://127.0.0.1:7420' })
 * const client = connect(proxy.url)
 * proxy.blackHole()
 * // … what does the app show?
 * proxy.heal()
 * await proxy.close()
 * ```
 *
 * @throws TypeError where the target is neither a port nor an `http:` URL. Of what is encrypted no frame can be seen.
 */
export async function faultProxy({ target, port = 0, host = '127.0.0.1' }: FaultProxyOptions): Promise<FaultProxy> {
  const address = addressOf(target)
  const faults = frameFaults()
  const connections = new Set<FaultyConnection>()
  const sockets = new Set<Socket>()
  let standIn: HttpServer | undefined
  let isHole = false
  let delayMs = 0
  let refusals = 0

  const listener = createServer({ allowHalfOpen: true }, (client) => {
    sockets.add(client)
    client.once('close', () => sockets.delete(client))
    // Resets are what this is for.
    client.on('error', () => undefined)
    if (refusals > 0) {
      refusals -= 1
      client.resetAndDestroy()
    } else if (standIn === undefined) lead(client)
    else standIn.emit('connection', client)
  })
  await new Promise<void>((resolve, reject) => listener.once('error', reject).listen(port, host, resolve))
  const { port: listening } = listener.address() as AddressInfo

  function lead(client: Socket): void {
    const connection = faultyConnection({
      client,
      target: address,
      faults,
      delayMs: () => delayMs,
      onClosed: () => connections.delete(connection),
    })
    connections.add(connection)
    if (isHole) connection.hold()
  }

  function cut(): number {
    const { size } = sockets
    for (const connection of connections) connection.cut()
    for (const socket of sockets) socket.resetAndDestroy()
    return size
  }

  function answerWith(server: HttpServer): void {
    standIn = server
    cut()
  }

  return {
    url: `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${listening}`,
    port: listening,
    get connections() {
      return sockets.size
    },
    cut,
    cutMidFrame: (containing = '') => faults.cutInNext(containing),
    hangUp: () => {
      for (const connection of connections) connection.hangUp()
    },
    halfClose: (direction = 'toClient') => {
      for (const connection of connections) connection.halfClose(direction)
    },
    blackHole: () => {
      isHole = true
      for (const connection of connections) connection.hold()
    },
    strand: () => {
      for (const connection of connections) connection.strand()
    },
    delay: (ms) => {
      delayMs = ms
    },
    dropPongs: faults.dropPongs,
    refuse: (count = Number.POSITIVE_INFINITY) => {
      refusals = count
    },
    corrupt: (containing = '') => faults.corruptNext(containing),
    answerHtml: () => answerWith(captivePortal()),
    answer503: (retryAfterSec) => answerWith(overloadedServer(retryAfterSec)),
    bufferResponses: () => answerWith(bufferingProxy(address)),
    heal: () => {
      faults.heal()
      isHole = false
      delayMs = 0
      refusals = 0
      // Connections to whoever answered in the server's place would be used again.
      if (standIn !== undefined) cut()
      standIn = undefined
      for (const connection of connections) connection.release()
    },
    close: async () => {
      const closed = new Promise((resolve) => listener.close(resolve))
      cut()
      await closed
    },
  }
}

function addressOf(target: string | number): { readonly host: string; readonly port: number } {
  if (typeof target === 'number') return { host: '127.0.0.1', port: target }
  const { protocol, hostname, port } = new URL(target)
  if (protocol !== 'http:' && protocol !== 'ws:') throw new TypeError(`a fault proxy leads to a server without TLS, not to ${target}`)
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || 80) }
}
