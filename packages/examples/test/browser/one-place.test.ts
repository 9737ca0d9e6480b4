import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { describeInChromium, shoot, startChromium, type Chromium } from './chromium.ts'
import { eventually } from './eventually.ts'
import { servePage, type ServedPage } from './served-page.ts'
import { shownSession, startFirstSession, type ShownSession } from './shown-session.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

describeInChromium('a session that is open in one place only', () => {
  let chromium: Chromium
  let served: ServedPage

  beforeAll(async () => {
    ;[chromium, served] = await Promise.all([startChromium(), servePage()])
  })
  afterAll(() => Promise.all([chromium.close(), served.close()]))

  const card = ({ column }: ShownSession) => column.getByTestId('failure')

  async function isElsewhere(shown: ShownSession): Promise<void> {
    await eventually(async () => expect(await card(shown).getAttribute('data-code')).toBe('superseded'))
    await eventually(async () => expect(await card(shown).isVisible()).toBe(true))
  }

  /** Links and attaches of a page, counted by its inspector: a war over the session would raise them without end. */
  async function attaches({ page }: ShownSession): Promise<number> {
    const counts = await Promise.all(['resumes', 'snapshots'].map((name) => page.getByTestId(`tally-${name}`).textContent()))
    return counts.reduce((sum, count) => sum + Number(count), 0)
  }

  test('goes to the tab that asks last; the other keeps what it shows, and has it back when it is told to', async () => {
    const one = await startFirstSession(await chromium.openTab(served.url))
    await one.send('/tokens 30 0')
    await eventually(async () => expect(await one.status()).toBe('Done'))
    const shown = await one.messages()
    const two = await eventually(async () => shownSession(await chromium.openWindow(served.url)))
    await eventually(async () => expect(await two.messages()).toEqual(shown))

    await two.column.getByTestId('session-more').click()
    await two.column.getByTestId('claim').click()
    await isElsewhere(one)
    expect(await card(one).getAttribute('role')).toBe('status')
    expect(await one.messages()).toEqual(shown)
    await shoot(one.page, 'elsewhere')

    await two.send('/tokens 5 0')
    await eventually(async () => expect(await two.messages()).toHaveLength(4))
    expect(await one.messages()).toHaveLength(2)

    await one.column.getByTestId('retry-session').click()
    await isElsewhere(two)
    await eventually(async () => expect(await one.messages()).toHaveLength(4))
    expect(await card(one).isVisible()).toBe(false)

    for (const { page } of [one, two]) await page.getByTestId('inspector-toggle').click()
    const before = [await attaches(one), await attaches(two)]
    await one.send('/tokens 60 20')
    await eventually(async () => expect(await one.status()).toBe('Done'))
    await eventually(async () => expect(await one.messages()).toHaveLength(6))
    expect([await attaches(one), await attaches(two)]).toEqual(before)
    await isElsewhere(two)
  })
})
