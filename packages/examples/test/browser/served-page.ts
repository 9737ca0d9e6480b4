import { spawn, type ChildProcess } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SessionEntry, Snapshot } from '@throughline/sdk/protocol'
import { awaitedLine } from './awaited-line.ts'

const ROOT = join(import.meta.dirname, '../../../..')
const COMMAND = join(ROOT, 'packages/server/dist/main.js')
const WEB = join(ROOT, 'packages/examples/web/dist')

/** The real command with the built page, in a process of its own, on a store of its own. */
export interface ServedPage {
  readonly url: string
  readonly port: number
  /** Makes a session. */
  readonly create: () => Promise<string>
  /** What the server itself says of a session. */
  readonly read: (session: string) => Promise<{ readonly session: SessionEntry; readonly snapshot: Snapshot }>
  /** Sends a message as another client does. */
  readonly send: (session: string, content: string) => Promise<void>
  /** Deletes all sessions. */
  readonly forgetAll: () => Promise<void>
  /** Ends the process with SIGKILL: nothing is said, flushed or stored. */
  readonly kill: () => Promise<void>
  /** Starts it again on the same file and port; `tokens`: those that it knows from now on. */
  readonly restart: (tokens?: Tokens) => Promise<void>
  readonly close: () => Promise<void>
}

/** Tokens, each as `WHO:TOKEN` or `TOKEN`; none lets everybody in. */
export type Tokens = readonly string[]

/** Serves what was built last, with the demo agent. `token`: nobody is let in without it, or one of the others. */
export async function servePage(token?: string, others: Tokens = []): Promise<ServedPage> {
  for (const built of [COMMAND, join(WEB, 'index.html')])
    if (!existsSync(built)) throw new Error(`${built} is missing: run the build first (npm test does, and so does pnpm build)`)
  const directory = await mkdtemp(join(tmpdir(), 'throughline-page-'))
  const store = `sqlite:${join(directory, 't.db')}`
  const tokens = token === undefined ? [] : [token, ...others]
  let running = await serve(store, '0', tokens)
  const { url } = running
  const port = Number(new URL(url).port)

  async function ask(path: string, method = 'GET', body: unknown = {}): Promise<Response> {
    const headers = {
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
      ...(method === 'POST' && { 'content-type': 'application/json' }),
    }
    const response = await fetch(`${url}/v1/sessions${path}`, { method, headers, ...(method === 'POST' && { body: JSON.stringify(body) }) })
    if (!response.ok) throw new Error(`the server answers ${response.status}: ${await response.text()}`)
    return response
  }

  return {
    url,
    port,
    async create() {
      return ((await (await ask('', 'POST')).json()) as SessionEntry).id
    },
    async read(session) {
      return (await (await ask(`/${session}`)).json()) as { session: SessionEntry; snapshot: Snapshot }
    },
    async send(session, content) {
      await ask(`/${session}/messages`, 'POST', { message: { id: randomUUID(), role: 'user', content } })
    },
    async forgetAll() {
      const { sessions } = (await (await ask('')).json()) as { sessions: readonly SessionEntry[] }
      for (const { id } of sessions) await ask(`/${id}`, 'DELETE')
    },
    kill: () => end(running.child),
    async restart(known = tokens) {
      running = await serve(store, String(port), known)
    },
    async close() {
      await end(running.child)
      await rm(directory, { recursive: true, force: true })
    },
  }
}

async function serve(store: string, port: string, tokens: Tokens): Promise<{ readonly child: ChildProcess; readonly url: string }> {
  const options = ['--agent', 'demo', '--store', store, '--web', WEB, '--port', port, '--log-level', 'warn']
  const child = spawn(process.execPath, [COMMAND, 'serve', ...options], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'], THROUGHLINE_TOKEN: tokens.join(' ') },
  })
  return { child, url: await awaitedLine(child.stdout, /^listening on (\S+)$/) }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await gone
}
