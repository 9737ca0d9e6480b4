import { connect } from '@throughline/sdk'
import { faultProxy, type FaultProxy } from '@throughline/sdk/testing/fault-proxy'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'
import { startChromium, type Chromium } from './chromium.ts'
import { eventually } from './eventually.ts'
import type { NetworkNamespace } from './network-namespace.ts'
import { pageRecord, RECORDER } from './page-record.ts'
import { servePage, type ServedPage } from './served-page.ts'
import { messagesOf, shownSession, type ShownSession } from './shown-session.ts'

/** A browser, a server of its own and a network between them: where faults befall one page after the other. */
export interface Lane {
  readonly chromium: Chromium
  readonly served: ServedPage
  readonly proxy: FaultProxy
  /** Where a page finds the server. */
  readonly url: string
  /** What a page needs before its own scripts run. */
  readonly script: string
  readonly network: NetworkNamespace | undefined
  readonly close: () => Promise<void>
}

/** A page in the middle of an answer. */
export interface Scene extends Lane {
  readonly page: Page
  readonly shown: ShownSession
}

/** A fault that befalls a page while an answer comes in, and how it ends. */
export interface Fault {
  readonly name: string
  /** Lasts 20 s or more, and is repeated seldom. */
  readonly isLong?: true
  /** What stands beside the title when the page has caught up, where the fault ends the run. */
  readonly endsAs?: string
  /** Whether a page may say that it has no connection: it is looked at, and truly has none for longer than a blink. */
  readonly isSeen?: true
  /** Befalls, and ends. Answers when that could be noticed, and the page that is to notice, if it is another one. */
  readonly befall: (scene: Scene) => Promise<{ readonly wokenAt: number; readonly page?: Page }>
}

const TOKEN = 'one-of-the-matrix'

/** Opens a lane; with a network, its browser lives in there. */
export async function openLane(network?: NetworkNamespace): Promise<Lane> {
  const token = network === undefined ? undefined : TOKEN
  const [chromium, served] = await Promise.all([startChromium(network), servePage(token)])
  const host = network?.hostAddress ?? '127.0.0.1'
  const proxy = await faultProxy({ target: served.url, host })
  return {
    chromium,
    served,
    proxy,
    url: `http://${host}:${proxy.port}`,
    script: token === undefined ? RECORDER : `${RECORDER}; localStorage.setItem('throughline.token', '${token}')`,
    network,
    async close() {
      await chromium.close()
      await proxy.close()
      await served.close()
    },
  }
}

/**
 * Lets a fault befall a page in mid-answer. Answers how many milliseconds after it could be noticed the page showed all that the server had at
 * that moment. After it the page and its server must have the same, and nobody may have been alarmed.
 */
export async function endure(lane: Lane, { befall, endsAs, isSeen }: Fault): Promise<number> {
  const { chromium, served, proxy, url, script } = lane
  const id = await served.create()
  const witness = watchFromBeside(lane, id)
  try {
    const first = await chromium.openTab(url, script)
    const shown = await shownSession(first)
    await shown.send('/tokens 20000 40')
    await eventually(async () => expect((await shown.answer()).length).toBeGreaterThan(40))

    const { wokenAt, page = first } = await befall({ ...lane, page: first, shown })
    const length = endsAs === undefined ? witness.lengthAt(wokenAt) : 0
    if (endsAs === undefined) expect(length).toBeGreaterThan(40)
    const caughtUpAt = await eventually(async () => {
      const { shown: changes } = await pageRecord(page)
      const there = changes.filter(({ at }, index) => at >= wokenAt || index === changes.length - 1)
      const found = there.find((change) => change.length >= length && (endsAs === undefined || change.status === endsAs))
      return found?.at ?? expect.fail(`the page shows ${JSON.stringify(there.at(-1))}, the server had ${length}`)
    }, 40_000)

    if (endsAs === undefined) await witness.stop()
    for (const watched of new Set([first, page])) {
      await isLevel(await shownSession(watched), served, endsAs ?? 'Stopped')
      if (!isSeen) expect((await pageRecord(watched)).alarms).toEqual([])
    }
    return Math.max(0, caughtUpAt - wokenAt)
  } finally {
    witness.close()
    await chromium.closeTabs()
    // A browser would use connections again that lead nowhere.
    proxy.cut()
    await served.forgetAll()
  }
}

async function isLevel(shown: ShownSession, served: ServedPage, status: string): Promise<void> {
  await eventually(async () => {
    expect(await shown.status()).toBe(status)
    expect(await shown.messages()).toEqual(messagesOf((await served.read(shown.id)).snapshot))
  })
}

/** A client whose line never breaks, so that it knows what the server had said at any moment. */
function watchFromBeside({ served, network }: Lane, id: string) {
  const client = connect(served.url, network === undefined ? {} : { token: TOKEN })
  const session = client.session(id)
  const lengths: { readonly at: number; readonly length: number }[] = []
  session.on('change', ({ messages }) => {
    const answer = messages.findLast(({ role }) => role === 'assistant')
    const text = (answer?.parts ?? []).map((part) => (part.type === 'text' ? part.text : '')).join('')
    lengths.push({ at: Date.now(), length: text.trim().length })
  })
  return {
    lengthAt: (at: number) => lengths.findLast((change) => change.at <= at)?.length ?? 0,
    stop: () => session.stop(),
    close: () => client.close(),
  }
}
