import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type Page } from 'playwright-core'
import { describe } from 'vitest'
import { awaitedLine } from './awaited-line.ts'
import type { NetworkNamespace } from './network-namespace.ts'

const EXECUTABLE = process.env['CHROMIUM'] ?? '/usr/bin/chromium'
const SHOTS = join(import.meta.dirname, 'shots')

/** A browser whose tabs are hidden as a person's are: only the tab in front is visible, and hidden ones have slow timers. */
export interface Chromium {
  /** Opens a tab in front of the others. `script`: is run before the page's own. */
  readonly openTab: (url: string, script?: string) => Promise<Page>
  /** Opens a window beside the others, so that both are visible. */
  readonly openWindow: (url: string, script?: string) => Promise<Page>
  /** Closes all tabs but an empty one. */
  readonly closeTabs: () => Promise<void>
  /** Stops all pages where they are, as a machine does that falls asleep; what comes back lets them go on. */
  readonly stopRenderers: () => Promise<() => void>
  readonly close: () => Promise<void>
}

/** A group of tests that need a browser. Without one they are skipped, and it is said once what is missing; in CI that is a failure. */
export function describeInChromium(name: string, tests: () => void): void {
  const found = existsSync(EXECUTABLE)
  if (!found) {
    const missing = `no Chromium at ${EXECUTABLE}: apt-get install chromium, or name another one in CHROMIUM`
    if (process.env['CI'] === 'true') throw new Error(`the browser tests cannot run, ${missing}`)
    process.stderr.write(`skipped “${name}”: ${missing}\n`)
  }
  describe.skipIf(!found)(name, tests)
}

/**
 * Starts Chromium by itself and connects to it without Playwright's defaults: a browser that Playwright launches has its focus
 * emulated, so that none of its tabs is ever hidden.
 *
 * @param network where it runs, if not in the network of this machine
 */
export async function startChromium(network?: NetworkNamespace): Promise<Chromium> {
  const profile = await mkdtemp(join(tmpdir(), 'throughline-chromium-'))
  const args = [...FLAGS, `--user-data-dir=${profile}`, 'about:blank']
  const [program, programArgs] = network?.inside(EXECUTABLE, args) ?? [EXECUTABLE, args]
  const child = spawn(program, programArgs, { stdio: ['ignore', 'ignore', 'pipe'] })
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  const address = new URL(await awaitedLine(child.stderr, /^DevTools listening on (\S+)$/))
  if (network !== undefined) address.port = String(await network.reach(Number(address.port)))
  const browser = await chromium.connectOverCDP(address.href, { noDefaults: true })
  const context = browser.contexts()[0]
  if (context === undefined) throw new Error('Chromium has no default context')

  async function openWindow(url: string, script?: string): Promise<Page> {
    const opened = context?.waitForEvent('page')
    const session = await browser.newBrowserCDPSession()
    await session.send('Target.createTarget', { url: 'about:blank', newWindow: true })
    const page = await opened
    if (page === undefined) throw new Error('Chromium opened no window')
    if (script !== undefined) await page.addInitScript(script)
    await page.goto(url)
    return page
  }

  return {
    openWindow,
    async openTab(url, script) {
      const page = await context.newPage()
      if (script !== undefined) await page.addInitScript(script)
      await page.bringToFront()
      await page.goto(url)
      return page
    },
    async closeTabs() {
      const [, ...tabs] = context.pages()
      for (const tab of tabs) await tab.close()
    },
    async stopRenderers() {
      const session = await browser.newBrowserCDPSession()
      const { processInfo } = await session.send('SystemInfo.getProcessInfo')
      const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id)
      for (const renderer of renderers) process.kill(renderer, 'SIGSTOP')
      return () => {
        for (const renderer of renderers) process.kill(renderer, 'SIGCONT')
      }
    },
    async close() {
      await browser.close()
      child.kill('SIGKILL')
      await gone
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Gives a tab another size; as narrow as a phone, it is one. */
export async function fit(page: Page, width: number, height: number): Promise<void> {
  const screen = await page.context().newCDPSession(page)
  await screen.send('Emulation.setDeviceMetricsOverride', { width, height, deviceScaleFactor: 1, mobile: width < 760 })
}

/** Leaves a picture of a tab for people to look at, once its colours have stopped to change. */
export async function shoot(page: Page, name: string): Promise<void> {
  await mkdir(SHOTS, { recursive: true })
  await page.bringToFront()
  await page.evaluate(`Promise.allSettled(
    document.getAnimations().flatMap((animation) => (animation instanceof CSSTransition ? [animation.finished] : [])),
  )`)
  await page.screenshot({ path: join(SHOTS, `${name}.png`) })
}

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--window-size=1440,900',
  '--remote-debugging-port=0',
]
