import { setTimeout as passes } from 'node:timers/promises'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { eventually } from './eventually.ts'
import type { Fault, Scene } from './matrix-lane.ts'
import { pageRecord } from './page-record.ts'

/** What tells a page that somebody is back. */
const WAKE_SIGNALS: ReadonlySet<string> = new Set(['visible', 'focus', 'pageshow', 'bfcache', 'online', 'resume'])

export const reload: Fault = {
  name: 'reload',
  async befall({ page }) {
    await page.reload({ waitUntil: 'commit' })
    return { wokenAt: (await pageRecord(page)).startedAt }
  },
}

export const secondTab: Fault = {
  name: 'a second tab',
  async befall({ chromium, url, script }) {
    const page = await chromium.openWindow(url, script)
    return { wokenAt: (await pageRecord(page)).startedAt, page }
  },
}

export const hiddenShortly: Fault = { name: 'hidden for 5 s', befall: (scene) => whileHidden(scene, () => passes(5_000)) }

export const hiddenLong: Fault = { name: 'hidden for 60 s', isLong: true, befall: (scene) => whileHidden(scene, () => passes(60_000)) }

export const frozen: Fault = {
  name: 'frozen and thawed',
  befall: (scene) =>
    whileHidden(scene, async () => {
      const session = await scene.page.context().newCDPSession(scene.page)
      await session.send('Page.setWebLifecycleState', { state: 'frozen' })
      await passes(2_000)
    }),
}

export const cached: Fault = {
  name: 'back/forward cache',
  async befall({ page, url }) {
    await page.evaluate(`location.href = '${url}/favicon.svg'`)
    await page.waitForURL('**/favicon.svg')
    await passes(1_000)
    return {
      wokenAt: await wakes(page, async () => {
        await page.evaluate('history.back()')
        await page.getByTestId('session').waitFor()
      }),
    }
  },
}

export const offline: Fault = {
  name: 'offline for 20 s',
  isLong: true,
  async befall({ page }) {
    await page.context().setOffline(true)
    await passes(20_000)
    return { wokenAt: await wakes(page, () => page.context().setOffline(false)) }
  },
}

export const otherNetwork: Fault = {
  name: 'offline, then another network',
  async befall({ page, proxy }) {
    await page.context().setOffline(true)
    proxy.strand()
    await passes(2_000)
    return { wokenAt: await wakes(page, () => page.context().setOffline(false)) }
  },
}

export const deadLink: Fault = {
  name: 'black hole, while hidden',
  befall: (scene) =>
    whileHidden(scene, async () => {
      scene.proxy.strand()
      await passes(1_000)
    }),
}

export const changedAddress: Fault = {
  name: 'change of address, while hidden',
  befall: (scene) =>
    whileHidden(scene, async () => {
      await scene.network?.changeAddress()
      await passes(1_000)
    }),
}

export const serverKilled: Fault = {
  name: 'server killed, from its return on',
  endsAs: 'Interrupted',
  isSeen: true,
  async befall({ served }) {
    await served.kill()
    await served.restart()
    return { wokenAt: Date.now() }
  },
}

export const serverKilledUnseen: Fault = {
  name: 'server killed, while hidden',
  endsAs: 'Interrupted',
  befall: (scene) =>
    whileHidden(scene, async () => {
      await scene.served.kill()
      await scene.served.restart()
    }),
}

export const stopped: Fault = {
  name: 'renderer stopped for 40 s',
  isLong: true,
  async befall({ chromium }) {
    const goOn = await chromium.stopRenderers()
    await passes(40_000)
    goOn()
    return { wokenAt: Date.now() }
  },
}

/** Something happens while another tab is in front; the page is shown again when it is over. */
async function whileHidden({ page, chromium }: Scene, happens: () => Promise<unknown>): Promise<{ readonly wokenAt: number }> {
  const front = await chromium.openTab('about:blank')
  await eventually(async () => expect(await page.evaluate('document.visibilityState')).toBe('hidden'))
  await happens()
  const wokenAt = await wakes(page, () => page.bringToFront())
  await front.close()
  return { wokenAt }
}

/** When the page heard the first wake signal of what is done now. */
async function wakes(page: Page, act: () => Promise<unknown>): Promise<number> {
  const from = Date.now()
  await act()
  return eventually(async () => {
    const heard = (await pageRecord(page)).signals.find(({ name, at }) => at >= from && WAKE_SIGNALS.has(name))
    return heard?.at ?? expect.fail('the page heard no wake signal')
  })
}
