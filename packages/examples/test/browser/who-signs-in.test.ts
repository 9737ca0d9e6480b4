import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { describeInChromium, shoot, startChromium, type Chromium } from './chromium.ts'
import { eventually } from './eventually.ts'
import { savedRows } from './saved-rows.ts'
import { servePage, type ServedPage } from './served-page.ts'
import { shownSession, startFirstSession } from './shown-session.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

const ANNS = 'a-token-of-ann'
const BOBS = 'a-token-of-bob'

/** Counts the links that a page dials and the requests that it makes. */
const COUNTER = `{
  globalThis.dials = 0
  const { WebSocket, fetch } = globalThis
  globalThis.WebSocket = class extends WebSocket {
    constructor(...args) {
      globalThis.dials += 1
      super(...args)
    }
  }
  globalThis.fetch = (...args) => {
    globalThis.dials += 1
    return fetch(...args)
  }
}`

describeInChromium('who signs in', () => {
  let chromium: Chromium
  let served: ServedPage

  beforeAll(async () => {
    ;[chromium, served] = await Promise.all([startChromium(), servePage(ANNS, [`bob:${BOBS}`])])
  })
  afterEach(async () => {
    await chromium.closeTabs()
    await served.forgetAll()
  })
  afterAll(() => Promise.all([chromium.close(), served.close()]))

  /** A tab of somebody who has never been here. */
  async function openClean(): Promise<Page> {
    const page = await chromium.openTab('about:blank', COUNTER)
    const browser = await page.context().newCDPSession(page)
    await browser.send('Storage.clearDataForOrigin', { origin: served.url, storageTypes: 'all' })
    await page.goto(served.url)
    return page
  }

  async function signIn(page: Page, token: string): Promise<void> {
    await page.getByTestId('token').fill(token)
    await page.getByTestId('sign-in').click()
  }

  const problem = (page: Page) => page.getByTestId('sign-in-form').getByRole('alert')
  const dials = (page: Page) => page.evaluate<number>('globalThis.dials')

  /** How often a page dials in a minute that passes at once. For it time stands still afterwards. */
  async function dialsInAMinute(page: Page): Promise<number> {
    const before = await dials(page)
    const time = await page.context().newCDPSession(page)
    const passed = new Promise((resolve) => time.once('Emulation.virtualTimeBudgetExpired', resolve))
    await time.send('Emulation.setVirtualTimePolicy', { policy: 'advance', budget: 60_000 })
    await passed
    return (await dials(page)) - before
  }

  test('a token that is refused is said, and another one is asked for', async () => {
    const page = await openClean()
    await signIn(page, 'nobody-s-token')
    await eventually(async () => expect(await problem(page).textContent()).toBe('The server does not accept this token.'))
    await shoot(page, 'refused')
    expect(await page.getByTestId('sign-in-form').isVisible()).toBe(true)
    await signIn(page, ANNS)
    await page.getByTestId('first-session').waitFor()
  })

  test('so is one that the server takes back while the page is open, and nothing is dialled until there is another one', async () => {
    const page = await openClean()
    await signIn(page, ANNS)
    await startFirstSession(page)
    await served.kill()
    await served.restart([`bob:${BOBS}`])
    await eventually(async () => expect(await problem(page).textContent()).toBe('The server does not accept this token.'))
    expect(await page.getByTestId('session').count()).toBe(0)
    expect(await dialsInAMinute(page)).toBe(0)
    await page.close()

    await served.kill()
    await served.restart()
    const next = await chromium.openTab(served.url)
    await signIn(next, ANNS)
    await eventually(async () => expect(await next.getByTestId('session').count()).toBe(1))
  })

  test('of what the user before has left in the browser, another one sees nothing, not even for a moment', async () => {
    const page = await openClean()
    await signIn(page, ANNS)
    const anns = await startFirstSession(page)
    await anns.send('/tokens 40 0')
    await eventually(async () => expect(await anns.status()).toBe('Done'))
    await anns.column.getByTestId('composer').fill('half a thought of Ann')
    await eventually(async () => expect(await savedRows(page)).toMatch(/39 40.*of Ann|of Ann.*39 40/s))

    // Ann did not sign out: the server knows her token no more.
    await page.evaluate(`localStorage.setItem('throughline.token', 'an-old-token')`)
    await page.reload()
    await page.getByTestId('sign-in-form').waitFor()
    await page.evaluate(`{
      globalThis.sawAnn = false
      const look = () => {
        const typed = [...document.querySelectorAll('textarea, input')].map(({ value }) => value).join()
        if (/39 40|of Ann|tokens 40 0/.test(document.body.textContent + typed)) globalThis.sawAnn = true
      }
      new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true, attributes: true })
    }`)
    await signIn(page, BOBS)
    const bobs = await startFirstSession(page)
    await bobs.send('/tokens 3 0')
    await eventually(async () => expect(await bobs.status()).toBe('Done'))
    expect(await page.getByTestId('session').count()).toBe(1)
    expect(await page.evaluate('globalThis.sawAnn')).toBe(false)

    await page.evaluate(`localStorage.setItem('throughline.token', 'an-old-token')`)
    await page.reload()
    await page.getByTestId('sign-in-form').waitFor()
    await signIn(page, ANNS)
    await eventually(async () => expect((await shownSession(page)).id).toBe(anns.id))
    const again = await shownSession(page)
    await eventually(async () => expect((await again.messages()).map(({ text }) => text)).toContain('/tokens 40 0'))
    expect(await again.column.getByTestId('composer').inputValue()).toBe('half a thought of Ann')
    expect(await page.getByTestId('session').count()).toBe(1)
  })
})
