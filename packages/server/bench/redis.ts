import { spawn } from 'node:child_process'
import { createServer } from 'node:net'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

/** A Redis of the benchmark's own. */
export interface Redis {
  readonly url: string
  stop(): Promise<void>
}

/** Starts Debian's redis-server on a free port, keeping nothing on disk; undefined where there is none. */
export async function startRedis(): Promise<Redis | undefined> {
  const port = await freePort()
  const server = spawn('redis-server', ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const isUp = await new Promise<boolean>((resolve) => {
    server.on('error', () => resolve(false))
    server.on('exit', () => resolve(false))
    server.stdout.on('data', (text: Buffer) => {
      if (text.includes('Ready to accept connections')) resolve(true)
    })
  })
  if (!isUp) return undefined
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      const exited = once(server, 'exit')
      server.kill()
      await exited
    },
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
