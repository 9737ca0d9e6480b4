import type { Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { describeInChromium, fit, shoot, startChromium, type Chromium } from './chromium.ts'
import { eventually } from './eventually.ts'
import { savedRows } from './saved-rows.ts'
import { servePage, type ServedPage } from './served-page.ts'
import { shownSession } from './shown-session.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

describeInChromium('the tabs of sessions that nobody looks at', () => {
  let chromium: Chromium
  let served: ServedPage
  let watched: string
  let others: readonly string[]

  beforeAll(async () => {
    ;[chromium, served] = await Promise.all([startChromium(), servePage()])
  })
  beforeEach(async () => {
    watched = await served.create()
    others = await Promise.all([served.create(), served.create(), served.create(), served.create()])
  })
  afterEach(async () => {
    await chromium.closeTabs()
    await served.forgetAll()
  })
  afterAll(() => Promise.all([chromium.close(), served.close()]))

  /** A phone that looks at one session of five. */
  async function openPhone(): Promise<Page> {
    const page = await chromium.openTab('about:blank')
    await fit(page, 390, 844)
    await page.goto(served.url)
    await eventually(async () => expect(await page.getByTestId('tab').count()).toBe(5))
    return page
  }

  /** What the tab of a session says, and in which tone. */
  async function badge(page: Page, session: string): Promise<string> {
    const tab = tabOf(page, session)
    return `${await tab.getAttribute('data-tone')}: ${await tab.getByTestId('tab-news').textContent()}`
  }

  function tabOf(page: Page, session: string): Locator {
    return page.locator(`[data-testid=tab][data-of="${session}"]`)
  }

  /** How many attaches of this page were answered, as its inspector counts them. */
  async function attaches(page: Page): Promise<number> {
    await page.getByTestId('inspector-toggle').click()
    const counts = await Promise.all(['resumes', 'snapshots'].map((name) => page.getByTestId(`tally-${name}`).textContent()))
    await page.getByTestId('inspector-close').click()
    return counts.reduce((sum, count) => sum + Number(count), 0)
  }

  test('say what runs, what needs somebody, what has finished and what has failed, though only one session is attached', async () => {
    const page = await openPhone()
    const [running = '', asking = '', finished = '', failed = ''] = others
    expect((await shownSession(page)).id).toBe(watched)
    await eventually(async () => expect(await page.getByTestId('suggestions').isVisible()).toBe(true))
    for (const session of others) expect(await badge(page, session)).toBe('rest: ')
    expect(await attaches(page)).toBe(1)

    await served.send(running, '/hang')
    await served.send(asking, '/ask Which city?')
    await served.send(finished, '/tokens 5 0')
    await served.send(failed, '/fail')
    await eventually(async () => expect(await badge(page, running)).toBe('running: running'))
    await eventually(async () => expect(await badge(page, asking)).toBe('asking: needs you'))
    await eventually(async () => expect(await badge(page, finished)).toBe('finished: finished'))
    await eventually(async () => expect(await badge(page, failed)).toBe('failed: failed'))
    expect(await attaches(page)).toBe(1)
    await shoot(page, 'badges')

    await tabOf(page, failed).click()
    await eventually(async () => expect(await page.locator(`[data-session="${failed}"]`).getByTestId('run-end').isVisible()).toBe(true))
    await tabOf(page, watched).click()
    await eventually(async () => expect(await badge(page, failed)).toBe('rest: '))
  })

  test('say what has finished and failed while the page was closed', async () => {
    const [running = '', , finished = '', failed = ''] = others
    const first = await openPhone()
    await tabOf(first, watched).click()
    for (const session of others)
      await eventually(async () => expect(await savedRows(first)).toContain(encodeURIComponent(`seen/${session}`)))
    await first.close()
    await served.send(running, '/hang')
    await served.send(finished, '/tokens 5 0')
    await served.send(failed, '/fail')
    for (const session of [finished, failed])
      await eventually(async () =>
        expect((await served.read(session)).session).toMatchObject({ status: 'idle', last: { run: expect.any(String) } }),
      )

    const page = await openPhone()
    await eventually(async () => expect(await badge(page, finished)).toBe('finished: finished'))
    await eventually(async () => expect(await badge(page, failed)).toBe('failed: failed'))
    await eventually(async () => expect(await badge(page, running)).toBe('running: running'))
  })
})
