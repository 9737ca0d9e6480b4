import type { CDPSession, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { describeInChromium, fit, shoot, startChromium, type Chromium } from './chromium.ts'
import { eventually } from './eventually.ts'
import { servePage, type ServedPage } from './served-page.ts'
import { messagesOf, shownSession, type ShownSession } from './shown-session.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

// Whether it looks well is for people to judge, from the pictures.
describeInChromium('how the page looks', () => {
  let chromium: Chromium
  let served: ServedPage
  let page: Page
  let screen: CDPSession
  let planning: ShownSession
  let counting: ShownSession

  beforeAll(async () => {
    ;[chromium, served] = await Promise.all([startChromium(), servePage()])
    page = await chromium.openTab(served.url)
    screen = await page.context().newCDPSession(page)
    await fit(page, 1440, 900)
    await wear('light')

    await page.getByTestId('first-session').click()
    planning = await shownSession(page)
    await planning.send('/think\n/tool weather\n/ask Rome or Lisbon?')
    await page.getByTestId('new-session').click()
    await eventually(async () => expect(await page.getByTestId('session').count()).toBe(2))
    counting = await shownSession(page, 1)
    await counting.send('/tokens 5000 20')
    await rename(planning, 'Three days in spring')
    await rename(counting, 'A long answer')
    await planning.column.getByTestId('question').waitFor()
  })
  afterAll(() => Promise.all([chromium.close(), served.close()]))

  async function rename({ column }: ShownSession, title: string): Promise<void> {
    await column.getByTestId('title').fill(title)
    await column.getByTestId('title').press('Enter')
  }

  async function wear(theme: 'light' | 'dark'): Promise<void> {
    await screen.send('Emulation.setEmulatedMedia', { features: [{ name: 'prefers-color-scheme', value: theme }] })
  }

  function background(): Promise<string> {
    return page.evaluate<string>('getComputedStyle(document.body).backgroundColor')
  }

  /** Nothing sticks out: the page itself cannot be scrolled sideways. */
  async function nothingSticksOut(): Promise<void> {
    expect(await page.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
  }

  /** How much taller a timeline is than what is seen of it, and how much of that stands below, in pixels. */
  function outOfSight({ id }: ShownSession): Promise<{ readonly all: number; readonly below: number }> {
    return page.evaluate(`{
      const { scrollHeight, clientHeight, scrollTop } = document.querySelector('[data-session="${id}"] [data-testid=timeline]')
      ;({ all: scrollHeight - clientHeight, below: scrollHeight - clientHeight - scrollTop })
    }`)
  }

  /** Waits until the agent has said so much more at the server, whatever the page has heard of it. */
  async function agentSays(more: number): Promise<void> {
    const said = async () => messagesOf((await served.read(counting.id)).snapshot).at(-1)?.text.length ?? 0
    const until = (await said()) + more
    await eventually(async () => expect(await said()).toBeGreaterThan(until))
  }

  test('it is light or dark as the system is', async () => {
    const light = await background()
    await nothingSticksOut()
    await shoot(page, 'light')
    await wear('dark')
    await eventually(async () => expect(await background()).not.toBe(light))
    await shoot(page, 'dark')
    await wear('light')
    await eventually(async () => expect(await background()).toBe(light))
  })

  test('what is written stands in line with what is read, whether or not there is a scrollbar', async () => {
    for (const [height, overflows] of [
      [1_600, false],
      [500, true],
    ] as const) {
      await fit(page, 1440, height)
      await agentSays(20)
      await eventually(async () => expect((await outOfSight(counting)).all > 0).toBe(overflows))
      const read = await counting.column.getByTestId('message').first().boundingBox()
      const written = await counting.column.locator('.composer-box').boundingBox()
      expect([written?.x, written?.width]).toEqual([read?.x, read?.width])
    }
    await fit(page, 1440, 900)
  })

  test('on a phone it shows one session at a time, and nothing sticks out', async () => {
    await fit(page, 390, 844)
    await eventually(async () => expect(await page.getByTestId('tab').first().isVisible()).toBe(true))
    await page.getByTestId('tab').first().click()
    await eventually(async () => expect(await counting.column.isVisible()).toBe(false))
    expect(await planning.column.isVisible()).toBe(true)
    await nothingSticksOut()
    await shoot(page, 'phone')
    await wear('dark')
    await shoot(page, 'phone-dark')
    await page.getByTestId('inspector-toggle').click()
    await nothingSticksOut()
    await shoot(page, 'phone-inspector')
    await page.getByTestId('inspector-close').click()
    await wear('light')
    await fit(page, 1440, 900)
    await eventually(async () => expect(await counting.column.isVisible()).toBe(true))
  })

  test('the inspector shows a cut line, and the resume that needs no snapshot', async () => {
    await page.getByTestId('inspector-toggle').click()
    await agentSays(60)
    for (const fault of ['switch-cut', 'switch-stall']) {
      await page.getByTestId(fault).click()
      await agentSays(120)
      await page.getByTestId(fault).click()
      const heard = (await counting.answer()).length
      await eventually(async () => expect((await counting.answer()).length).toBeGreaterThan(heard + 60))
    }
    const records = await page.getByTestId('records').textContent()
    for (const label of ['Line cut', 'Link gone', 'Resumed', 'Held back']) expect(records).toContain(label)
    expect(records).not.toMatch(/Gap|Damage|Duplicate/)
    await nothingSticksOut()
    await shoot(page, 'inspector')
    await wear('dark')
    await shoot(page, 'inspector-dark')
  })

  test('the newest words stay in sight when the window changes its size, as when a phone is turned', async () => {
    await counting.stop()
    await eventually(async () => expect(await counting.status()).toBe('Stopped'))
    await counting.column.getByTestId('title').click()
    for (const [width, height] of [
      [1440, 900],
      [390, 844],
      [844, 390],
      [390, 600],
      [1440, 900],
    ] as const) {
      await fit(page, width, height)
      await eventually(async () => expect((await outOfSight(counting)).below).toBeLessThan(2))
      expect(await counting.column.getByTestId('to-end').isVisible()).toBe(false)
    }
  })
})
