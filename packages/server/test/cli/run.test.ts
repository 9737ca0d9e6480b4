import { mkdtemp, writeFile, mkdir } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyBaseLogger } from 'fastify'
import pino from 'pino'
import { expect, onTestFinished, test, vi } from 'vitest'
import { run } from '../../src/cli/run.ts'
import { openSqliteStore } from '../../src/store/sqlite-store.ts'
import manifest from '../../package.json' with { type: 'json' }
import { until } from '../until.ts'

// A process of its own, or a whole server, takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

const SILENT: FastifyBaseLogger = pino({ level: 'silent' })

/** Runs the command without a process of its own. */
function running(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const said: string[] = []
  const complaints: string[] = []
  const listeners: ((signal: NodeJS.Signals) => void)[] = []
  const code = run({
    argv,
    env,
    say: (line) => said.push(line),
    complain: (line) => complaints.push(line),
    openLog: async () => SILENT,
    onSignal: (listener) => listeners.push(listener),
  })
  const signal = (name: NodeJS.Signals) => {
    for (const listener of listeners) listener(name)
  }
  return {
    code,
    said,
    complaints,
    signal,
    /** Where it listens. */
    url: () =>
      until(() => {
        const line = said.find((one) => one.startsWith('listening on '))
        if (line === undefined) throw new Error(`not listening yet; ${complaints.join()}`)
        return line.slice('listening on '.length)
      }),
  }
}

const MEMORY = ['serve', '--store', 'memory:', '--port', '0']

async function page(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'throughline-web-'))
  await mkdir(join(directory, 'assets'))
  await writeFile(join(directory, 'index.html'), '<!doctype html>')
  await writeFile(join(directory, 'assets', 'index-a1b2c3.js'), '1')
  return directory
}

test('it says where it listens once it can serve, and ends in order on SIGTERM', async () => {
  const command = running(MEMORY)
  const url = await command.url()
  expect(command.said).toEqual([expect.stringMatching(/^listening on http:\/\/127\.0\.0\.1:\d+$/)])
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
  expect((await fetch(`${url}/v1/sessions`)).status).toBe(200)
  command.signal('SIGTERM')
  expect(await command.code).toBe(0)
  await expect(fetch(`${url}/healthz`)).rejects.toThrow()
})

test('an address of IPv6 is written as a URL has it', async () => {
  const command = running([...MEMORY, '--host', '::1'])
  expect(await command.url()).toMatch(/^http:\/\/\[::1\]:\d+$/)
  command.signal('SIGINT')
  expect(await command.code).toBe(0)
})

test('with tokens nobody gets in without', async () => {
  const command = running([...MEMORY, '--token', 'ann:secret'])
  const url = await command.url()
  expect((await fetch(`${url}/v1/sessions`)).status).toBe(401)
  expect((await fetch(`${url}/v1/sessions`, { headers: { authorization: 'Bearer secret' } })).status).toBe(200)
  command.signal('SIGTERM')
  await command.code
})

test('a page is served at the root: what has a hash in its name for ever, the rest checked anew', async () => {
  const command = running([...MEMORY, '--web', await page()])
  const url = await command.url()
  const [index, script, missing] = await Promise.all([fetch(url), fetch(`${url}/assets/index-a1b2c3.js`), fetch(`${url}/nothing`)])
  expect(index.status).toBe(200)
  expect(index.headers.get('cache-control')).toBe('no-cache')
  expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
  expect(script.headers.get('x-content-type-options')).toBe('nosniff')
  expect(missing.status).toBe(404)
  command.signal('SIGTERM')
  await command.code
})

test('a second signal ends it at once, whatever runs', async () => {
  const command = running([...MEMORY, '--grace-ms', '60000'])
  const url = await command.url()
  const post = async (path: string, body: object) =>
    (
      await fetch(`${url}/v1${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    ).json()
  const { id } = (await post('/sessions', {})) as { id: string }
  await post(`/sessions/${id}/messages`, { message: { role: 'user', content: '/hang' } })
  command.signal('SIGTERM')
  const outcome = await Promise.race([command.code, new Promise((resolve) => setTimeout(resolve, 50, 'still going down'))])
  expect(outcome).toBe('still going down')
  command.signal('SIGTERM')
  expect(await command.code).toBe(130)
})

test('help and version are said, and nothing else is done', async () => {
  const [help, version] = [running(['--help']), running(['--version'])]
  expect(await help.code).toBe(0)
  expect(help.said.join()).toContain('Usage: throughline serve')
  expect(await version.code).toBe(0)
  expect(version.said).toEqual([manifest.version])
})

test('a wrong command line is complained about, with 2', async () => {
  const command = running(['serve', '--port', 'http'])
  expect(await command.code).toBe(2)
  expect(command.complaints.join()).toMatch(/^throughline: --port is “http”.*\nthroughline --help/s)
  expect(command.said).toEqual([])
})

test.each([
  ['an agent that there is not', ['--agent', 'smith'], 2, /no agent named “smith”/],
  ['a file that cannot be read', ['--agent', './none.ts'], 2, /none\.ts cannot be read/],
  ['an endpoint without its key', ['--agent', 'openai'], 2, /OPENAI_API_KEY/],
  ['a page that was not built', ['--web', '/nowhere'], 2, /“\/nowhere”, which holds no index\.html/],
  ['a store below what is no directory', ['--store', `sqlite:${import.meta.filename}/x.db`], 1, /run\.test\.ts\/x\.db/],
  ['an address of another machine', ['--host', '192.0.2.1', '--token', 'secret'], 1, /192\.0\.2\.1 is no address of this machine/],
])('%s is complained about in words', async (_rule, argv, code, message) => {
  const command = running([...MEMORY, ...argv])
  expect(await command.code).toBe(code)
  expect(command.complaints.join()).toMatch(message)
  expect(command.said).toEqual([])
})

test('a port in use is complained about in words', async () => {
  const other = createHttpServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  const command = running(['serve', '--store', 'memory:', '--port', String(port)])
  expect(await command.code).toBe(1)
  expect(command.complaints).toEqual([`throughline: port ${port} of 127.0.0.1 is in use: stop what has it, or choose another with --port`])
})

test('a start that fails leaves the store as a stop would', async () => {
  const other = createHttpServer()
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void other.close())
  const { port } = other.address() as AddressInfo
  const file = join(await mkdtemp(join(tmpdir(), 'throughline-cli-')), 'store.db')
  const command = running(['serve', '--store', `sqlite:${file}`, '--port', String(port)])
  expect(await command.code).toBe(1)
  const store = await openSqliteStore({ file })
  await store.close()
})
