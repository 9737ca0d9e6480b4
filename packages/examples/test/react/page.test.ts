import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { build } from 'vite'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { numberedText } from '../../../server/src/agent/numbered-text.ts'
import { describeInChromium, startChromium, type Chromium } from '../browser/chromium.ts'
import { eventually } from '../browser/eventually.ts'
import { serveLine, type ServedLine } from '../runtimes/served-line.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const PAGE = join(import.meta.dirname, '../../react')

describeInChromium('the React example', () => {
  let folder: string
  let chromium: Chromium
  let served: ServedLine

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'throughline-react-'))
    await build({ root: PAGE, configFile: join(PAGE, 'vite.config.ts'), logLevel: 'error', build: { outDir: folder, emptyOutDir: true } })
    ;[chromium, served] = await Promise.all([startChromium(), serveLine(folder)])
  })
  afterAll(async () => {
    await Promise.all([chromium.close(), served.close()])
    await rm(folder, { recursive: true, force: true })
  })

  const textsOf = (page: Page) => page.locator('main article').allInnerTexts()
  const send = async (page: Page, text: string) => {
    await page.getByLabel('Message').fill(text)
    await page.getByRole('button', { name: 'Send' }).click()
  }

  test('an answer goes on over a lost link, another session shows nothing of it, and on the way back it is there at once', async () => {
    const page = await chromium.openTab(served.places.server)
    await page.getByRole('button', { name: 'New session' }).click()
    await send(page, '/tokens 300 10')
    await eventually(async () => expect((await textsOf(page))[1]?.length).toBeGreaterThan(100))
    await fetch(served.places.cut)
    await eventually(async () => expect(await page.getByTestId('connection').innerText()).toBe('live'))

    await page.getByRole('button', { name: 'New session' }).click()
    await eventually(async () => expect(await page.getByRole('button', { name: 'Session 2' }).getAttribute('aria-pressed')).toBe('true'))
    expect(await textsOf(page)).toEqual([])
    await page.getByRole('button', { name: 'Session 1' }).click()
    // Without waiting: what was shown is still known.
    expect((await textsOf(page))[1]?.length).toBeGreaterThan(100)
    await eventually(async () => expect((await textsOf(page))[1]).toBe(numberedText(300).trim()))
    expect(await page.getByRole('button', { name: 'Stop' }).count()).toBe(0)
  })
})
