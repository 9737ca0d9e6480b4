import { faultProxy } from '@throughline/sdk/testing/fault-proxy'
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { numberedText } from '../../../server/src/agent/numbered-text.ts'
import { describeInChromium, shoot, startChromium, type Chromium } from './chromium.ts'
import { eventually } from './eventually.ts'
import { servePage, type ServedPage } from './served-page.ts'
import { messagesOf, startFirstSession, type ShownSession } from './shown-session.ts'

vi.setConfig({ testTimeout: 90_000, hookTimeout: 60_000 })

const NO_WEBSOCKET = `globalThis.WebSocket = class WebSocket extends globalThis.WebSocket {
  constructor() {
    throw new Error('there are no WebSockets here')
  }
}`

describeInChromium('the page where a WebSocket cannot be had', () => {
  let chromium: Chromium
  let served: ServedPage

  beforeAll(async () => {
    ;[chromium, served] = await Promise.all([startChromium(), servePage()])
  })
  afterEach(async () => {
    await chromium.closeTabs()
    await served.forgetAll()
  })
  afterAll(() => Promise.all([chromium.close(), served.close()]))

  async function answersWholly(shown: ShownSession): Promise<void> {
    await shown.send('/tokens 80 20')
    await eventually(async () => expect(await shown.answer()).toBe(numberedText(80).trim()), 60_000)
    await eventually(async () => expect(await shown.status()).toBe('Done'))
    expect(await shown.messages()).toEqual(messagesOf((await served.read(shown.id)).snapshot))
    await shown.page.getByTestId('inspector-toggle').click()
    await eventually(async () => expect(await shown.page.getByTestId('records').textContent()).toContain('streams and requests'))
  }

  test('shows an answer as it grows, over streams', async () => {
    const shown = await startFirstSession(await chromium.openTab(served.url, NO_WEBSOCKET))
    await answersWholly(shown)
    await shoot(shown.page, 'no-websocket')
  })

  test('shows an answer through a proxy that passes on only what is complete', async () => {
    const proxy = await faultProxy({ target: served.url })
    proxy.bufferResponses()
    try {
      await answersWholly(await startFirstSession(await chromium.openTab(proxy.url)))
    } finally {
      await chromium.closeTabs()
      await proxy.close()
    }
  })

  test('goes on over streams when the inspector takes the WebSockets away, and its switches hold and cut streams, too', async () => {
    const shown = await startFirstSession(await chromium.openTab(served.url))
    const { page } = shown
    await page.getByTestId('inspector-toggle').click()
    await shown.send('/tokens 4000 20')
    const grown = async () => {
      const before = (await shown.answer()).length
      await eventually(async () => expect((await shown.answer()).length).toBeGreaterThan(before + 40), 40_000)
    }
    await grown()
    await page.getByTestId('switch-refuse').click()
    await eventually(async () => expect(await page.getByTestId('records').textContent()).toContain('streams and requests'), 40_000)
    await grown()

    for (const name of ['stall', 'hole']) {
      await page.getByTestId(`switch-${name}`).click()
      const stopped = (await shown.answer()).length
      const saidBefore = await said(shown)
      await eventually(async () => expect(await said(shown)).toBeGreaterThan(saidBefore + 200))
      expect((await shown.answer()).length).toBeLessThan(stopped + 40)
      await page.getByTestId(`switch-${name}`).click()
      await grown()
    }
    await page.getByTestId('switch-cut').click()
    await eventually(async () => expect(await page.getByTestId('connection').getAttribute('data-status')).not.toBe('live'), 5_000)
    await page.getByTestId('switch-cut').click()
    await grown()
    await shoot(page, 'streams')
    expect(numberedText(4000).startsWith(await shown.answer())).toBe(true)
    expect(await page.getByTestId('records').textContent()).not.toMatch(/Gap|Damage/)
  })

  /** How much the agent has said at the server, whatever the page has heard of it. */
  async function said(shown: ShownSession): Promise<number> {
    return messagesOf((await served.read(shown.id)).snapshot).at(-1)?.text.length ?? 0
  }
})
