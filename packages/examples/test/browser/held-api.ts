import { createServer, request, type IncomingMessage } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** A server of which the page always comes, and the API only when the test wants it. */
export interface HeldApi {
  readonly url: string
  /** Cuts what is open of the API, and lets what is asked of it from now on wait. */
  readonly hold: () => void
  /** Answers what waits, and what comes. */
  readonly release: () => void
  readonly close: () => Promise<void>
}

/** Stands in front of a server and holds its API back: so the page can be loaded while nothing of its sessions can be had. */
export async function holdApi(target: string): Promise<HeldApi> {
  const port = Number(new URL(target).port)
  const open = new Set<Duplex>()
  let waiting: (() => void)[] | undefined

  function whenFree(isApi: boolean, act: () => void): void {
    if (isApi && waiting) waiting.push(act)
    else act()
  }

  const server = createServer((asked, answer) => {
    whenFree(isOfApi(asked), () => {
      const { method, url, headers } = asked
      const onward = request({ host: '127.0.0.1', port, method, path: url, headers }, (answered) => {
        answer.writeHead(answered.statusCode ?? 502, answered.headers)
        answered.pipe(answer)
      })
      onward.on('error', () => answer.destroy())
      asked.pipe(onward)
    })
  })
  server.on('connection', (socket: Socket) => track(socket))
  server.on('upgrade', (asked: IncomingMessage, socket: Duplex, head: Buffer) => {
    whenFree(true, () => {
      const onward = track(connect(port, '127.0.0.1'))
      const fields = asked.rawHeaders.flatMap((name, index) => (index % 2 === 0 ? [`${name}: ${asked.rawHeaders[index + 1]}`] : []))
      onward.write(`${asked.method} ${asked.url} HTTP/1.1\r\n${fields.join('\r\n')}\r\n\r\n`)
      onward.write(head)
      onward.pipe(socket).pipe(onward)
      socket.once('close', () => onward.destroy())
      onward.once('close', () => socket.destroy())
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  function track<Some extends Duplex>(socket: Some): Some {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    // It is cut on purpose.
    socket.on('error', () => undefined)
    return socket
  }

  function cut(): void {
    for (const socket of open) socket.destroy()
  }

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hold() {
      waiting = []
      cut()
    },
    release() {
      const free = waiting ?? []
      waiting = undefined
      for (const act of free) act()
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      cut()
      await closed
    },
  }
}

function isOfApi({ url }: IncomingMessage): boolean {
  return url?.startsWith('/v1/') ?? false
}
