import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { WebSocket } from 'ws'
import { bundleCommand, type BundledCommand } from '../bundled-command.ts'
import { until } from '../until.ts'

// A process of its own, or a whole server, takes its time on a busy machine.
vi.setConfig({ testTimeout: 30_000, hookTimeout: 30_000 })

let bundle: BundledCommand

beforeAll(async () => {
  bundle = await bundleCommand()
})
afterAll(() => bundle.remove())

/** Runs the command in a process of its own. */
function running(...argv: readonly string[]) {
  const child = spawn(process.execPath, [bundle.file, ...argv], { env: { PATH: process.env['PATH'] } })
  onTestFinished(() => void child.kill('SIGKILL'))
  let [out, log] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()))
  const code = new Promise<number | null>((resolve) => child.on('close', resolve))
  return {
    child,
    code,
    out: () => out,
    log: () => log,
    url: () => until(() => /^listening on (\S+)\n$/.exec(out)?.[1] ?? expect.fail(`not listening: ${out} ${log}`)),
  }
}

const MEMORY = ['serve', '--store', 'memory:', '--port', '0']

test('standard output has one line, the log goes to standard error as JSON, and SIGTERM ends it with 0', async () => {
  const command = running(...MEMORY)
  const url = await command.url()
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
  command.child.kill('SIGTERM')
  expect(await command.code).toBe(0)
  expect(command.out()).toBe(`listening on ${url}\n`)
  const lines = command.log().trim().split('\n')
  expect(lines.map((line) => JSON.parse(line) as object)).toContainEqual(expect.objectContaining({ msg: 'going down', signal: 'SIGTERM' }))
})

test('a client that is linked when SIGTERM comes is told bye, and to come back', async () => {
  const command = running(...MEMORY, '--token', 'secret')
  const socket = new WebSocket(`${(await command.url()).replace('http', 'ws')}/v1/socket`, 'throughline.1')
  const frames: string[] = []
  socket.on('message', (data: Buffer) => frames.push((JSON.parse(data.toString()) as { type: string }).type))
  socket.on('open', () => socket.send(JSON.stringify({ type: 'hello', token: 'secret', client: { name: 'test', version: '1' } })))
  await until(() => expect(frames).toEqual(['welcome']))
  expect(socket.protocol).toBe('throughline.1')
  const closed = new Promise((resolve) => socket.on('close', resolve))
  command.child.kill('SIGTERM')
  expect(await closed).toBe(4001)
  expect(frames).toEqual(['welcome', 'bye'])
  expect(await command.code).toBe(0)
})

test('a run that goes on is ended, and the process with 0, though its agent never returns and left a timer behind', async () => {
  const file = join(bundle.directory, 'busy.ts')
  await writeFile(file, 'setInterval(() => {}, 1_000)\nexport async function* agent() { await new Promise(() => {}) }')
  const command = running(...MEMORY, '--grace-ms', '1', '--agent', file)
  const url = await command.url()
  const post = async (path: string, body: object) =>
    (
      await fetch(`${url}/v1${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
    ).json()
  const { id } = (await post('/sessions', {})) as { id: string }
  await post(`/sessions/${id}/messages`, { message: { role: 'user', content: 'hi' } })
  command.child.kill('SIGINT')
  expect(await command.code).toBe(0)
})

test('the time that runs are given is theirs, also where nothing else keeps the process', async () => {
  const file = join(bundle.directory, 'hanging.ts')
  await writeFile(file, 'export async function* agent() { await new Promise(() => {}) }')
  const command = running(...MEMORY, '--grace-ms', '300', '--agent', file)
  const url = await command.url()
  const post = (path: string, body: object) =>
    fetch(`${url}/v1${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })
  const { id } = (await (await post('/sessions', {})).json()) as { id: string }
  await post(`/sessions/${id}/messages`, { message: { role: 'user', content: 'hi' } })
  command.child.kill('SIGTERM')
  expect(await command.code).toBe(0)
})

test('a socket of another version is opened with its name, and then closed', async () => {
  const command = running(...MEMORY)
  const socket = new WebSocket(`${(await command.url()).replace('http', 'ws')}/v1/socket`, 'throughline.2')
  const closed = new Promise((resolve) => socket.on('close', resolve))
  await new Promise((resolve) => socket.on('open', resolve))
  expect(socket.protocol).toBe('throughline.2')
  expect(await closed).toBe(4505)
})

test('a wrong command line ends with 2, and says so on standard error', async () => {
  const command = running('serve', '--port', 'http')
  expect(await command.code).toBe(2)
  expect(command.out()).toBe('')
  expect(command.log()).toMatch(/^throughline: --port is “http”/)
})

test('help goes to standard output', async () => {
  const command = running('--help')
  expect(await command.code).toBe(0)
  expect(command.out()).toContain('Usage: throughline serve')
})
