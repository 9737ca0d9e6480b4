import { execFile, execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { build, type BuildOptions } from 'esbuild'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import WebSocket from 'ws'
import { numberedText } from '../../../server/src/agent/numbered-text.ts'
import { describeInChromium, startChromium } from '../browser/chromium.ts'
import { fetchRuntimes, runtimePath } from './fetch-runtimes.ts'
import { installApp } from './install-app.ts'
import { metroBundle } from './metro-bundle.ts'
import type { comeBack, Seen } from './programs/come-back.ts'
import { startApp } from './react-native-app.ts'
import { serveLine, type ServedLine } from './served-line.ts'
import { runWorker } from './worker.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 120_000 })

const require = createRequire(import.meta.url)
const COMMANDS = { 'Node 24': [runtimePath('node')], Bun: [runtimePath('bun')], Deno: [runtimePath('deno'), 'run', '-A', '--no-lock'] }

if (process.env['CI'] === 'true' || process.env['RUNTIMES'] === 'fetch') fetchRuntimes()

let app: string
let served: ServedLine

beforeAll(async () => {
  app = await realpath(await mkdtemp(join(tmpdir(), 'throughline-runtimes-')))
  await installApp(app)
  const web = join(app, 'web')
  await mkdir(web)
  await writeFile(join(web, 'page.js'), await bundled('page.js', { platform: 'browser' }))
  await writeFile(join(web, 'index.html'), '<!doctype html><title>A page</title><script type="module" src="/page.js"></script>')
  served = await serveLine(web)
})
afterAll(async () => {
  await served.close()
  await rm(app, { recursive: true, force: true })
})

async function bundled(program: string, options: BuildOptions): Promise<string> {
  const { outputFiles } = await build({ entryPoints: [join(app, program)], bundle: true, format: 'esm', write: false, ...options })
  return outputFiles?.[0]?.text ?? ''
}

/** The runtime lost its link once, resumed from its cursor, and has what the server has. */
async function expectCameBack({ session, texts, links, resumed }: Seen): Promise<void> {
  expect({ texts, links, resumed }).toEqual({ texts: ['/tokens 200 5', numberedText(200)], links: 2, resumed: 1 })
  expect(await textsAtServer(session)).toEqual(texts)
}

async function textsAtServer(session: string): Promise<string[]> {
  const { transcript } = await served.read(session)
  return transcript.messages.map(({ parts }) => parts.map((part) => (part.type === 'text' ? part.text : '')).join(''))
}

async function ran([program = '', ...args]: readonly string[]): Promise<Seen> {
  const { server, cut } = served.places
  const { stdout } = await promisify(execFile)(program, [...args, join(app, 'command.js'), server, cut], { timeout: 30_000 })
  return JSON.parse(stdout) as Seen
}

/** A test that needs a runtime. Without it, it is skipped, and says how to get it; in CI it has been fetched. */
function testIn(name: string, path: string, run: () => Promise<void>): void {
  const found = existsSync(path)
  if (!found) process.stderr.write(`skipped “${name}”: RUNTIMES=fetch in the environment fetches it, once\n`)
  test.skipIf(!found)(name, run)
}

test(`Node ${process.versions.node}`, async () => expectCameBack(await ran([process.execPath])))

for (const [name, command] of Object.entries(COMMANDS)) testIn(name, command[0] ?? '', async () => expectCameBack(await ran(command)))

testIn('workerd', runtimePath('workerd'), async () => {
  const worker = await bundled('worker.js', { conditions: ['workerd', 'worker', 'browser'] })
  await expectCameBack(await runWorker(runtimePath('workerd'), app, worker, served.places))
})

describeInChromium('in a browser', () => {
  test('Chromium', async () => {
    const chromium = await startChromium()
    try {
      const page = await chromium.openTab(served.places.server)
      await page.waitForFunction('typeof comeBack === "function"')
      const seen = await page.evaluate(
        (places) => (globalThis as unknown as { readonly comeBack: typeof comeBack }).comeBack(places),
        served.places,
      )
      await expectCameBack(seen)
    } finally {
      await chromium.close()
    }
  })
})

describe('React Native, bundled by Metro, in a scope that has no more than it gives', () => {
  let bundle: string

  beforeAll(async () => {
    bundle = await metroBundle(app, 'app.js')
  })

  test("Hermes' compiler takes it, and none of it calls a built-in that Hermes does not have, however seldom", async () => {
    await writeFile(join(app, 'main.jsbundle'), bundle)
    execFileSync(hermes(), ['-emit-binary', '-out', join(app, 'main.hbc'), join(app, 'main.jsbundle')], { stdio: 'pipe' })
    expect(bundle.match(/\.(toSorted|isWellFormed|toWellFormed|fromAsync|groupBy|withResolvers)\(/g)).toBe(null)
  })

  test('it comes back, and keeps its state in AsyncStorage', async () => {
    const scope = startApp(bundle)
    const saved = new Map<string, string>()
    const storage = scope.asyncStorage({
      getItem: async (key) => saved.get(key) ?? null,
      setItem: async (key, value) => saved.set(key, value),
      removeItem: async (key) => saved.delete(key),
      getAllKeys: async () => [...saved.keys()],
    })
    const AppState = { currentState: 'active', addEventListener: () => ({ remove: () => undefined }) }
    await expectCameBack(await scope.comeBack(served.places, { storage, user: 'local', wake: scope.reactNativeWake({ AppState }) }))
    expect(saved.size).toBeGreaterThan(0)
  })

  test('where no WebSocket comes through, it has the answer by HTTP, although its answers come when they are whole', async () => {
    class Refused extends WebSocket {
      constructor() {
        super('ws://127.0.0.1:1')
      }
    }
    const { session, texts } = await startApp(bundle, Refused).comeBack(served.places)
    expect(texts).toEqual(await textsAtServer(session))
    expect(texts[1]).toBe(numberedText(200))
  })
})

/** Hermes' compiler for this machine, in the version that React Native brings. */
function hermes(): string {
  const folder = dirname(require.resolve('hermes-compiler/package.json'))
  const system = { darwin: 'osx-bin', linux: 'linux64-bin', win32: 'win64-bin' }[process.platform as string] ?? ''
  return join(folder, 'hermesc', system, 'hermesc')
}
