import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A line between the page and its server that can be broken. */
export interface FaultyLine {
  /** Where the page is reached over this line. */
  readonly url: string
  /** Resets every connection at once; new ones come up. Answers how many there were. */
  readonly cut: () => number
  /**
   * From now on nothing passes over the connections that are open, either way, for ever, and neither end is told: what an address
   * that changed does to a phone. New ones come up.
   */
  readonly swallow: () => void
  readonly close: () => Promise<void>
}

interface Pair {
  readonly page: Socket
  readonly server: Socket
}

/** Opens a line to a port of this machine. */
export async function faultyLine(port: number): Promise<FaultyLine> {
  const pairs = new Set<Pair>()
  const listener = createServer((page) => {
    const server = connect(port, '127.0.0.1')
    const pair = { page, server }
    pairs.add(pair)
    page.pipe(server)
    server.pipe(page)
    for (const [one, other] of [
      [page, server],
      [server, page],
    ] as const) {
      // The other end learns of it by its own end.
      one.on('error', () => undefined)
      one.on('close', () => {
        pairs.delete(pair)
        other.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))

  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    cut() {
      const count = pairs.size
      for (const { page, server } of pairs) {
        page.resetAndDestroy()
        server.resetAndDestroy()
      }
      return count
    },
    swallow() {
      for (const { page, server } of pairs) {
        page.unpipe(server).pause()
        server.unpipe(page).pause()
      }
    },
    async close() {
      for (const { page, server } of pairs) {
        page.destroy()
        server.destroy()
      }
      await new Promise((resolve) => listener.close(resolve))
    },
  }
}
