import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { SessionEntry, Snapshot } from '@throughline/sdk/protocol'
import { until } from '../until.ts'

/** The command in a process of its own, on a file that outlives it. */
export interface MortalServer {
  readonly url: string
  /** Starts it, again after its end. */
  readonly start: () => Promise<void>
  /** Sends it a signal; where that ends it, resolves after the end. */
  readonly kill: (signal: 'SIGKILL' | 'SIGTERM' | 'SIGSTOP' | 'SIGCONT') => Promise<void>
  readonly create: () => Promise<string>
  readonly read: (session: string) => Promise<Snapshot>
}

const LASTING: ReadonlySet<string> = new Set(['SIGSTOP', 'SIGCONT'])

/** Makes one of the bundled command. */
export async function mortalServer(file: string, directory: string): Promise<MortalServer> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const store = `sqlite:${join(directory, `faults-${port}.db`)}`
  let child: ChildProcess | undefined

  async function ask<Answer>(path: string, method = 'GET'): Promise<Answer> {
    const response = await fetch(`${url}/v1/sessions${path}`, { method, ...(method === 'POST' && { body: '{}', headers: JSON_BODY }) })
    if (!response.ok) throw new Error(`the server answers ${response.status}: ${await response.text()}`)
    return (await response.json()) as Answer
  }

  return {
    url,
    async start() {
      const options = ['--agent', 'demo', '--store', store, '--port', String(port), '--grace-ms', '0', '--log-level', 'error']
      child = spawn(process.execPath, [file, 'serve', ...options], {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { PATH: process.env['PATH'] },
      })
      await until(async () => {
        if (!(await fetch(`${url}/readyz`)).ok) throw new Error('not ready')
      })
    },
    async kill(signal) {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill(signal)
      if (!LASTING.has(signal)) await gone
    },
    create: async () => (await ask<SessionEntry>('', 'POST')).id,
    read: async (session) => (await ask<{ readonly snapshot: Snapshot }>(`/${session}`)).snapshot,
  }
}

const JSON_BODY = { 'content-type': 'application/json' }

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
