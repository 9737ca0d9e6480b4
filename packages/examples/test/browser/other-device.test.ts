import { connect } from '@throughline/sdk'
import { openLayout } from '@throughline/sdk/layout'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { describeInChromium, shoot, startChromium, type Chromium } from './chromium.ts'
import { eventually } from './eventually.ts'
import { servePage, type ServedPage } from './served-page.ts'
import { startFirstSession, shownSession } from './shown-session.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

describeInChromium('what the same user does on another device', () => {
  let chromium: Chromium
  let served: ServedPage

  beforeAll(async () => {
    ;[chromium, served] = await Promise.all([startChromium(), servePage()])
  })
  afterAll(() => Promise.all([chromium.close(), served.close()]))

  test('is done here: a session opens, and one that is closed there is closed here, kept under Sessions, and its run stopped', async () => {
    const page = await chromium.openTab(served.url)
    const here = await startFirstSession(page)
    await here.send('/hang')
    await eventually(async () => expect(await here.status()).toBe('Running'))

    const device = connect(served.url)
    const layout = openLayout(device)
    try {
      const { id } = await device.create({ title: 'From the other device' })
      await eventually(async () => expect(await page.getByTestId('session').count()).toBe(2))
      expect((await shownSession(page, 1)).id).toBe(id)
      await eventually(async () => expect(await page.getByTestId('title').nth(1).inputValue()).toBe('From the other device'))

      await eventually(() => expect(layout.state.sessions.map((session) => session.id)).toContain(here.id))
      await layout.close(here.id)
    } finally {
      layout.dispose()
      device.close()
    }
    await eventually(async () => expect(await here.column.count()).toBe(0))
    expect(await page.getByTestId('session').count()).toBe(1)
    await eventually(async () =>
      expect((await served.read(here.id)).session).toMatchObject({ status: 'idle', last: { outcome: 'cancelled' } }),
    )

    await page.getByTestId('session-menu').click()
    await eventually(async () =>
      expect(await page.getByTestId('closed-session').allTextContents()).toEqual([expect.stringContaining('/hang')]),
    )
    await shoot(page, 'closed-elsewhere')
    await page.getByTestId('closed-session').click()
    await eventually(async () => expect(await here.status()).toBe('Stopped'))
    await eventually(async () => expect((await here.messages())[0]?.text).toBe('/hang'))
  })
})
