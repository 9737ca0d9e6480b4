import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { numberedText } from '../../../server/src/agent/numbered-text.ts'
import { describeInChromium, shoot, startChromium, type Chromium } from './chromium.ts'
import { eventually } from './eventually.ts'
import { servePage, type ServedPage } from './served-page.ts'
import { messagesOf, startFirstSession } from './shown-session.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

describeInChromium('the page and a server that dies', () => {
  let chromium: Chromium
  let served: ServedPage

  beforeAll(async () => {
    ;[chromium, served] = await Promise.all([startChromium(), servePage()])
  })
  afterAll(() => Promise.all([chromium.close(), served.close()]))

  test('killed in mid-run and started again on the same file, it keeps what was shown, says so, and goes on', async () => {
    const shown = await startFirstSession(await chromium.openTab(served.url))
    await shown.send('/tokens 2000 10')
    await eventually(async () => expect((await shown.answer()).length).toBeGreaterThan(100))
    await served.kill()
    await eventually(async () => expect(await shown.page.getByTestId('connection').getAttribute('data-status')).not.toBe('live'))
    const seen = await shown.answer()

    await served.restart()
    await eventually(async () => expect(await shown.status()).toBe('Interrupted'))
    const kept = await shown.answer()
    expect(kept.startsWith(seen)).toBe(true)
    expect(numberedText(2000).startsWith(kept)).toBe(true)
    expect(await shown.column.getByTestId('run-end').last().textContent()).toContain('Interrupted by a restart of the server')
    expect(await shown.messages()).toEqual(messagesOf((await served.read(shown.id)).snapshot))

    await shown.send('/tokens 40 5')
    await eventually(async () => expect(await shown.status()).toBe('Done'))
    expect(await shown.answer()).toBe(numberedText(40).trim())
    expect(await shown.messages()).toEqual(messagesOf((await served.read(shown.id)).snapshot))
    expect(await shown.messages()).toHaveLength(4)
    await shoot(shown.page, 'server-killed')
  })
})
