import { execFile, spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { awaitedLine } from './awaited-line.ts'

/** A network of its own for a browser, one cable away from this machine. */
export interface NetworkNamespace {
  /** This machine's address, as seen from inside. */
  readonly hostAddress: string
  /** The command line that runs a program inside. */
  readonly inside: (program: string, args: readonly string[]) => readonly [program: string, args: string[]]
  /** Leads a port of the inside's own loopback to a port of this machine. */
  readonly reach: (port: number) => Promise<number>
  /** Gives the inside another address, as a phone has that leaves the house. What is open stays open, and nobody is told. */
  readonly changeAddress: () => Promise<void>
  readonly remove: () => Promise<void>
}

const run = promisify(execFile)

/** Makes one. Undefined, with the reason said, where this machine does not allow it. */
export async function networkNamespace(): Promise<NetworkNamespace | undefined> {
  const name = `throughline${process.pid}`
  const cable = `thr${process.pid}`
  try {
    await run('ip', ['netns', 'add', name])
  } catch (error) {
    const why = (error as { readonly stderr?: string }).stderr?.trim() || String(error)
    process.stderr.write(`skipped the change of address, which takes root and iproute2: ${why}\n`)
    return undefined
  }
  // A network of documentation's own, which nobody is connected to.
  const network = '198.51.100'
  const addresses = [`${network}.2/24`, `${network}.3/24`] as const
  let current = 0
  await run('ip', ['link', 'add', cable, 'type', 'veth', 'peer', 'name', 'cable', 'netns', name])
  await run('ip', ['address', 'add', `${network}.1/24`, 'dev', cable])
  await run('ip', ['link', 'set', cable, 'up'])
  await run('ip', ['-n', name, 'link', 'set', 'lo', 'up'])
  await run('ip', ['-n', name, 'address', 'add', addresses[0], 'dev', 'cable'])
  await run('ip', ['-n', name, 'link', 'set', 'cable', 'up'])
  const ends: (() => void)[] = []

  function inside(program: string, args: readonly string[]): readonly [string, string[]] {
    return ['ip', ['netns', 'exec', name, program, ...args]]
  }

  return {
    hostAddress: `${network}.1`,
    inside,
    async reach(port) {
      // A socket in the file system belongs to no network.
      const path = join(tmpdir(), `${name}-${port}.sock`)
      const [program, args] = inside(process.execPath, ['-e', RELAY, path, String(port)])
      const relay = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] })
      await awaitedLine(relay.stdout, /^(ready)$/)
      const sockets = new Set<Socket>()
      const listener = createServer((outer) => {
        const inner = connect(path)
        outer.pipe(inner).pipe(outer)
        for (const socket of [outer, inner]) {
          sockets.add(socket)
          socket.on('error', () => undefined)
          socket.on('close', () => {
            outer.destroy()
            inner.destroy()
          })
        }
      })
      ends.push(() => {
        relay.kill('SIGKILL')
        listener.close()
        for (const socket of sockets) socket.destroy()
        void rm(path, { force: true })
      })
      return listeningPort(listener)
    },
    async changeAddress() {
      await run('ip', ['-n', name, 'address', 'delete', addresses[current % 2] ?? '', 'dev', 'cable'])
      current += 1
      await run('ip', ['-n', name, 'address', 'add', addresses[current % 2] ?? '', 'dev', 'cable'])
    },
    async remove() {
      for (const end of ends) end()
      await run('ip', ['netns', 'delete', name])
      // The cable goes with the namespace, but not before the last program in it has ended.
      await run('ip', ['link', 'delete', cable]).catch(() => undefined)
    },
  }
}

const RELAY = `
  const { connect, createServer } = require('node:net')
  const [path, port] = process.argv.slice(1)
  const listener = createServer((outer) => {
    const inner = connect(Number(port), '127.0.0.1')
    outer.pipe(inner).pipe(outer)
    for (const socket of [outer, inner]) {
      socket.on('error', () => undefined)
      socket.on('close', () => { outer.destroy(); inner.destroy() })
    }
  })
  listener.listen(path, () => console.log('ready'))
`

function listeningPort(listener: Server): Promise<number> {
  return new Promise((resolve) => listener.listen(0, '127.0.0.1', () => resolve((listener.address() as AddressInfo).port)))
}
