import { faultProxy, type FaultProxy } from '@throughline/sdk/testing/fault-proxy'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { numberedText } from '../../../server/src/agent/numbered-text.ts'
import { describeInChromium, shoot, startChromium, type Chromium } from './chromium.ts'
import { eventually } from './eventually.ts'
import { pageRecord, RECORDER } from './page-record.ts'
import { servePage, type ServedPage } from './served-page.ts'
import { messagesOf, shownSession, startFirstSession, type ShownSession } from './shown-session.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

describeInChromium('the page on a line that breaks', () => {
  let chromium: Chromium
  let served: ServedPage
  let line: FaultProxy

  beforeAll(async () => {
    ;[chromium, served] = await Promise.all([startChromium(), servePage()])
  })
  beforeEach(async () => {
    line = await faultProxy({ target: served.url })
  })
  afterEach(async () => {
    await chromium.closeTabs()
    await line.close()
    await served.forgetAll()
  })
  afterAll(() => Promise.all([chromium.close(), served.close()]))

  /** What is shown is what the server has, and that is the whole of what the agent said. */
  async function showsAll(shown: ShownSession, answer: string): Promise<void> {
    await eventually(async () => expect(await shown.status()).toBe('Done'))
    const messages = await shown.messages()
    expect(messages).toEqual(messagesOf((await served.read(shown.id)).snapshot))
    expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant'])
    expect(messages.at(-1)?.text).toBe(answer.trim())
  }

  /** Waits until an answer is well under way, and is not at its end. */
  async function inMidAnswer(shown: ShownSession, moreThan = 40): Promise<string> {
    const text = await eventually(async () => {
      const now = await shown.answer()
      expect(now.length).toBeGreaterThan(moreThan)
      return now
    })
    expect(await shown.status()).toBe('Running')
    return text
  }

  test('a reload in mid-answer loses nothing and doubles nothing, and the answer goes on', async () => {
    const page = await chromium.openTab(served.url)
    const before = await startFirstSession(page)
    await before.send('/tokens 300 10')
    const seen = await inMidAnswer(before)

    await page.reload()
    const after = await shownSession(page)
    expect(after.id).toBe(before.id)
    expect((await inMidAnswer(after, seen.length)).startsWith(seen)).toBe(true)

    await showsAll(after, numberedText(300))
    await shoot(page, 'reload')
  })

  test('after each of several cuts in mid-answer the page goes on by itself', async () => {
    const page = await chromium.openTab(line.url)
    const shown = await startFirstSession(page)
    await shown.send('/tokens 600 10')

    let seen = await inMidAnswer(shown)
    for (let cut = 1; cut <= 4; cut += 1) {
      expect(line.cut()).toBeGreaterThan(0)
      seen = await inMidAnswer(shown, seen.length + 80)
    }

    await showsAll(shown, numberedText(600))
    await shoot(page, 'cuts')
  })

  test('a link that died while the tab was hidden is replaced as soon as the tab is shown, and nobody was alarmed', async () => {
    const page = await chromium.openTab(line.url, RECORDER)
    const shown = await startFirstSession(page)
    await shown.send('/tokens 300 10')
    await inMidAnswer(shown)

    await chromium.openTab('about:blank')
    await eventually(async () => expect(await page.evaluate('document.visibilityState')).toBe('hidden'))
    line.strand()
    const seen = await shown.answer()
    await eventually(async () => expect((await served.read(shown.id)).session.status).toBe('idle'))
    expect(await shown.answer()).toBe(seen)
    expect((await pageRecord(page)).alarms).toEqual([])

    await page.bringToFront()
    await eventually(async () => expect(await shown.answer()).toBe(numberedText(300).trim()), 10_000)

    await showsAll(shown, numberedText(300))
    expect((await pageRecord(page)).alarms).toEqual([])
    await shoot(page, 'dead-link')
  })
})
