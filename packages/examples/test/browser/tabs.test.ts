import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { numberedText } from '../../../server/src/agent/numbered-text.ts'
import { describeInChromium, shoot, startChromium, type Chromium } from './chromium.ts'
import { eventually } from './eventually.ts'
import { servePage, type ServedPage } from './served-page.ts'
import { messagesOf, shownSession, startFirstSession, type ShownSession } from './shown-session.ts'

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 })

describeInChromium('several tabs on one session', () => {
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

  /** The same session in two windows, both visible. */
  async function inTwoWindows(): Promise<readonly [ShownSession, ShownSession]> {
    const one = await startFirstSession(await chromium.openTab(served.url))
    const other = await shownSession(await chromium.openWindow(served.url))
    expect(other.id).toBe(one.id)
    for (const { page } of [one, other]) expect(await page.evaluate('document.visibilityState')).toBe('visible')
    return [one, other]
  }

  async function bothShow(both: readonly ShownSession[], status: string): Promise<void> {
    for (const shown of both) await eventually(async () => expect(await shown.status()).toBe(status))
    const stored = messagesOf((await served.read(both[0]?.id ?? '')).snapshot)
    for (const shown of both) await eventually(async () => expect(await shown.messages()).toEqual(stored))
  }

  async function bothAnswerMoreThan(both: readonly ShownSession[], length: number): Promise<void> {
    for (const shown of both) await eventually(async () => expect((await shown.answer()).length).toBeGreaterThan(length))
  }

  test('what one window sends appears in both, and a stop in the other stops both', async () => {
    const both = await inTwoWindows()
    const [one, other] = both
    await one.send('/tokens 60 10')
    await bothShow(both, 'Done')
    expect(await other.answer()).toBe(numberedText(60).trim())

    await other.send('/tokens 2000 20')
    await bothAnswerMoreThan(both, 40)
    await one.stop()
    await bothShow(both, 'Stopped')
    expect(await one.messages()).toHaveLength(4)
    expect(numberedText(2000).startsWith(await one.answer())).toBe(true)
    await shoot(one.page, 'two-windows')
  })

  test('the only tab is closed in mid-answer, and a fresh one after the end has the whole answer', async () => {
    const first = await startFirstSession(await chromium.openTab(served.url))
    await first.send('/tokens 200 10')
    await eventually(async () => expect((await first.answer()).length).toBeGreaterThan(40))
    await first.page.close()
    expect((await served.read(first.id)).session.status).toBe('running')
    await eventually(async () => expect((await served.read(first.id)).session.status).toBe('idle'))

    const fresh = await shownSession(await chromium.openTab(served.url))
    await bothShow([fresh], 'Done')
    expect(await fresh.answer()).toBe(numberedText(200).trim())
    await shoot(fresh.page, 'fresh-tab')
  })

  test('a message that waits for its turn is seen in both windows, and can be taken back in the other', async () => {
    const both = await inTwoWindows()
    const [one, other] = both
    await one.send('/tokens 2000 20')
    await bothAnswerMoreThan(both, 20)
    await one.send('/tokens 11 0')
    await one.send('/tokens 22 0')
    for (const shown of both) await eventually(async () => expect(await shown.column.getByTestId('queued').count()).toBe(2))

    await other.column.getByTestId('queued').first().getByTestId('unqueue').click()
    for (const shown of both)
      await eventually(async () => expect(await shown.column.getByTestId('queued').allTextContents()).toEqual(['Next/tokens 22 0']))
    await shoot(other.page, 'queue')

    await one.stop()
    await bothShow(both, 'Done')
    const asked = (await other.messages()).filter(({ role }) => role === 'user')
    expect(asked.map(({ text }) => text)).toEqual(['/tokens 2000 20', '/tokens 22 0'])
    expect(await other.answer()).toBe(numberedText(22).trim())
  })

  test('a question that one window asked for is answered in the other', async () => {
    const both = await inTwoWindows()
    const [one, other] = both
    await one.send('/ask Which city?')
    for (const shown of both) await shown.column.getByTestId('question').waitFor()
    await shoot(one.page, 'question')
    await other.column.getByTestId('answer-input').fill('Rome')
    await other.column.getByTestId('answer').click()
    await bothShow(both, 'Done')
    expect(await one.answer()).toContain('“Rome”')
    expect(await one.column.getByTestId('question').count()).toBe(0)
  })

  test('an edited message replaces its answer in both windows', async () => {
    const both = await inTwoWindows()
    const [one, other] = both
    await one.send('/tokens 30 0')
    await bothShow(both, 'Done')
    const message = one.column.locator('[data-role=user]')
    await message.hover()
    await message.getByTestId('edit').click()
    await message.getByTestId('edit-input').fill('/tokens 50 0')
    await message.getByTestId('edit-save').click()
    await eventually(async () => expect(await other.answer()).toBe(numberedText(50).trim()))
    await bothShow(both, 'Done')
    expect(await one.messages()).toHaveLength(2)
    await shoot(one.page, 'edited')
  })
})
