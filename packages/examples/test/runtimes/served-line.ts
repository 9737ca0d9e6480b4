import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Snapshot } from '@throughline/sdk/protocol'
import { faultProxy } from '@throughline/sdk/testing/fault-proxy'
import { awaitedLine } from '../browser/awaited-line.ts'
import type { Places } from './programs/come-back.ts'

const COMMAND = join(import.meta.dirname, '../../../server/dist/main.js')

/** The real command in a process of its own, with the demo agent, and a line to it that the runtime itself cuts. */
export interface ServedLine {
  readonly places: Places
  /** What the server says of a session. */
  readonly read: (session: string) => Promise<Snapshot>
  readonly close: () => Promise<void>
}

/** Serves what was built last. `web`: a folder with a page. */
export async function serveLine(web: string): Promise<ServedLine> {
  if (!existsSync(COMMAND)) throw new Error(`${COMMAND} is missing: run the build first (npm test does, and so does pnpm build)`)
  const options = ['--agent', 'demo', '--store', 'memory:', '--web', web, '--port', '0', '--log-level', 'warn']
  const child = spawn(process.execPath, [COMMAND, 'serve', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'] },
  })
  const url = await awaitedLine(child.stdout, /^listening on (\S+)$/)
  const line = await faultProxy({ target: url })
  const cutter = createServer((_, response) => {
    line.cut()
    response.writeHead(204, { 'access-control-allow-origin': '*' }).end()
  })
  await new Promise<void>((resolve) => cutter.listen(0, '127.0.0.1', resolve))
  return {
    places: { server: line.url, cut: `http://127.0.0.1:${(cutter.address() as AddressInfo).port}` },
    read: async (session) => ((await (await fetch(`${url}/v1/sessions/${session}`)).json()) as { snapshot: Snapshot }).snapshot,
    close: async () => {
      cutter.closeAllConnections()
      cutter.close()
      await line.close()
      const gone = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await gone
    },
  }
}
