import type { Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { numberedText } from '../../../server/src/agent/numbered-text.ts'
import { describeInChromium, shoot, startChromium, type Chromium } from './chromium.ts'
import { eventually } from './eventually.ts'
import { holdApi, type HeldApi } from './held-api.ts'
import { pageRecord, RECORDER } from './page-record.ts'
import { savedRows } from './saved-rows.ts'
import { servePage, type ServedPage } from './served-page.ts'
import { messagesOf, shownSession, startFirstSession, type ShownSession } from './shown-session.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

describeInChromium('a page that is opened again', () => {
  let chromium: Chromium
  let served: ServedPage
  let api: HeldApi

  beforeAll(async () => {
    ;[chromium, served] = await Promise.all([startChromium(), servePage()])
  })
  beforeEach(async () => {
    api = await holdApi(served.url)
  })
  afterEach(async () => {
    await chromium.closeTabs()
    await api.close()
    await served.forgetAll()
  })
  afterAll(() => Promise.all([chromium.close(), served.close()]))

  /** A session with one answer, which the browser has saved. */
  async function withOneAnswer(page: Page): Promise<ShownSession> {
    const shown = await startFirstSession(page)
    await shown.send('/tokens 40 0')
    await eventually(async () => expect(await shown.status()).toBe('Done'))
    await eventually(async () => expect(await savedRows(page)).toContain('39 40'))
    return shown
  }

  const pending = ({ column }: ShownSession) => column.locator('[data-pending]')
  const asked = async (id: string) =>
    messagesOf((await served.read(id)).snapshot).flatMap(({ role, text }) => (role === 'user' ? [text] : []))

  test('shows what it showed before the server answers, then only asks for what it missed', async () => {
    const page = await chromium.openTab(api.url, RECORDER)
    const before = await withOneAnswer(page)
    const messages = await before.messages()

    api.hold()
    await page.reload()
    const after = await eventually(() => shownSession(page))
    expect(after.id).toBe(before.id)
    await eventually(async () => expect(await after.messages()).toEqual(messages))
    expect(await page.getByTestId('connection').getAttribute('data-status')).not.toBe('live')
    expect((await pageRecord(page)).alarms).toEqual([])

    api.release()
    await eventually(async () => expect(await page.getByTestId('connection').textContent()).toContain('Live'))
    await page.getByTestId('inspector-toggle').click()
    await eventually(async () => expect(await page.getByTestId('tally-resumes').textContent()).toBe('1'))
    expect(await page.getByTestId('tally-snapshots').textContent()).toBe('0')
    expect(await page.getByTestId('records').textContent()).toContain('From storage')
    expect(await after.messages()).toEqual(messages)
  })

  test.each(['the tab that sent it', 'another tab'] as const)(
    'a message sent without a connection is shown as waiting after a reload, and %s sends it once',
    async (sender) => {
      const page = await chromium.openTab(api.url)
      const first = await withOneAnswer(page)
      api.hold()
      await first.send('/tokens 12 0')
      await eventually(async () => expect(await savedRows(page)).toContain('/tokens 12 0'))

      await page.reload()
      const one = await eventually(() => shownSession(page))
      await eventually(async () => expect(await pending(one).allTextContents()).toEqual([expect.stringContaining('/tokens 12 0')]))
      const two = await eventually(async () => shownSession(await chromium.openWindow(api.url)))
      await eventually(async () => expect(await pending(two).count()).toBe(1))
      await eventually(async () => expect(await page.getByTestId('connection').getAttribute('data-tone')).toBe('attention'))
      await shoot(page, 'pending')
      if (sender === 'another tab') await page.close()

      api.release()
      const left = sender === 'another tab' ? [two] : [one, two]
      for (const shown of left) {
        await eventually(async () => expect(await shown.answer()).toBe(numberedText(12).trim()))
        await eventually(async () => expect(await shown.status()).toBe('Done'))
        expect(await pending(shown).count()).toBe(0)
      }
      expect(await asked(first.id)).toEqual(['/tokens 40 0', '/tokens 12 0'])
    },
  )

  test('gives back what was refused meanwhile: its text and the reason, until it is sent again', async () => {
    const page = await chromium.openTab(api.url)
    const first = await withOneAnswer(page)
    const text = `/tokens 7 0 ${'and so on '.repeat(5_000).trim()}`
    api.hold()
    await first.send(text)
    await eventually(async () => expect(await savedRows(page)).toContain('/tokens 7 0'))
    // Others fill the queue before this message arrives.
    for (const content of ['/hang', 'x'.repeat(1_000), 'y'.repeat(110_000)]) await served.send(first.id, content)
    await page.reload()
    api.release()

    const card = page.getByTestId('unsent')
    await eventually(async () => expect(await card.getByTestId('unsent-text').textContent()).toBe(text))
    expect(await card.textContent()).toContain('queue')
    await shoot(page, 'unsent')
    await page.reload()
    await eventually(async () => expect(await card.count()).toBe(1))

    const shown = await shownSession(page)
    await shown.column.getByTestId('composer').fill('half a thought')
    for (const left of [1, 0]) {
      await page.getByTestId('unqueue').first().click()
      await eventually(async () => expect(await page.getByTestId('queued').count()).toBe(left))
    }
    await shown.stop()
    await card.getByTestId('send-again').click()
    await eventually(async () => expect(await asked(first.id)).toContain(text))
    expect(await card.count()).toBe(0)
    expect(await shown.column.getByTestId('composer').inputValue()).toBe('half a thought')
    await page.reload()
    await eventually(async () => expect((await (await shownSession(page)).messages()).map((message) => message.text)).toContain(text))
    expect(await card.count()).toBe(0)
  })

  test('has its sessions in their order, the active one and what was typed', async () => {
    const page = await chromium.openTab(api.url)
    await startFirstSession(page)
    for (const count of [2, 3]) {
      await page.getByTestId('new-session').click()
      await eventually(async () => expect(await page.getByTestId('session').count()).toBe(count))
    }
    const last = await shownSession(page, 2)
    await last.column.getByTestId('session-more').click()
    await last.column.getByTestId('move-left').click()
    await eventually(async () => expect((await shownSession(page, 1)).id).toBe(last.id))
    const first = await shownSession(page, 0)
    await first.column.getByTestId('composer').fill('half a thought')
    await last.column.getByTestId('composer').fill('another one')
    await eventually(async () => expect(await savedRows(page)).toContain('another one'))

    api.hold()
    await page.reload()
    await eventually(async () => expect(await page.getByTestId('session').count()).toBe(3))
    const again = await shownSession(page, 1)
    expect(again.id).toBe(last.id)
    expect((await shownSession(page, 0)).id).toBe(first.id)
    await eventually(async () => expect(await again.column.getByTestId('composer').inputValue()).toBe('another one'))
    expect(await first.column.getByTestId('composer').inputValue()).toBe('half a thought')
    expect(await again.column.getAttribute('class')).toContain('is-focused')
  })

  test('says that the device is offline, without alarm, while its link has not noticed', async () => {
    const page = await chromium.openTab(api.url, RECORDER)
    await withOneAnswer(page)
    const badge = page.getByTestId('connection')
    const network = await page.context().newCDPSession(page)
    const conditions = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 }
    await network.send('Network.emulateNetworkConditions', { ...conditions, offline: true })
    await eventually(async () => expect(await badge.textContent()).toContain('Offline'))
    expect(await badge.getAttribute('data-tone')).toBe('calm')
    await shoot(page, 'offline')
    await network.send('Network.emulateNetworkConditions', { ...conditions, offline: false })
    await eventually(async () => expect(await badge.textContent()).toContain('Live'))
    expect((await pageRecord(page)).alarms).toEqual([])
  })
})

describeInChromium('a page that is signed out', () => {
  const TOKEN = 'a-token-for-this-test-alone'
  let chromium: Chromium
  let served: ServedPage

  beforeAll(async () => {
    ;[chromium, served] = await Promise.all([startChromium(), servePage(TOKEN)])
  })
  afterAll(() => Promise.all([chromium.close(), served.close()]))

  test('leaves nothing of the user in the browser, and no other tab puts it back', async () => {
    const page = await chromium.openTab(served.url)
    await page.getByTestId('token').fill(TOKEN)
    await page.getByTestId('sign-in').click()
    const shown = await startFirstSession(page)
    await shown.send('/tokens 40 0')
    await eventually(async () => expect(await shown.status()).toBe('Done'))
    await shown.column.getByTestId('composer').fill('half a thought')
    await eventually(async () => expect(await savedRows(page)).toMatch(/39 40.*half a thought|half a thought.*39 40/s))
    const other = await chromium.openWindow(served.url)
    await eventually(async () => expect((await (await shownSession(other)).messages()).length).toBe(2))

    await page.getByTestId('session-menu').click()
    await page.getByTestId('sign-out').click()
    for (const tab of [page, other]) await tab.getByTestId('sign-in-form').waitFor()
    expect(await savedRows(page)).toBe('[]')
    expect(await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage })')).not.toMatch(/token-for|draft|user|focus/)

    await page.reload()
    await page.getByTestId('sign-in-form').waitFor()
    expect(await page.getByTestId('session').count()).toBe(0)
  })
})
