import type { TestClock } from '@throughline/sdk/testing'
import { type Browser } from './browser.ts'
import type { Page } from './page.ts'
import { pick } from './seeded-random.ts'

/** What a deed can do to the world around a page. */
export interface World {
  readonly random: () => number
  readonly clock: TestClock
  /** Lets other things happen, for a random while that needs no time. */
  readonly pause: () => Promise<void>
  readonly count: (name: string) => void
  readonly send: (page: Page, text?: string) => void
  /** Another page, in a browser that is there or another one. */
  readonly join: () => void
  /** Kills the server, which comes back some seconds later. */
  readonly restart: () => Promise<void>
  readonly leave: (page: Page) => Promise<void>
  readonly open: (browser: Browser) => void
}

/** Something that happens to a page, or to the server. */
export type Deed = (world: World, page: Page) => void | Promise<void>

const send: Deed = ({ send: say }, page) => say(page)
const cut: Deed = (_, { lines }) => lines.newest()?.cut()

/** What may happen, the usual more often. */
export const DEEDS: readonly Deed[] = [
  send,
  send,
  send,
  cut,
  cut,
  (_, { lines }) => lines.newest()?.blackHole(),
  (_, { lines }) => lines.newest()?.hold('toClient'),
  (_, { lines }) => lines.newest()?.flush('toClient'),
  (_, { lines }) => lines.newest()?.release('toClient'),
  (_, { session }) => void session.stop().catch(() => undefined),
  ({ join }) => join(),
  wake,
  wake,
  wake,
  away,
  away,
  networkChanges,
  networkChanges,
  reload,
  crash,
  sendAndCrash,
  ({ restart }) => restart(),
  ({ random, clock }) => clock.sleep(random() * 40_000),
]

/** One or more signals of a return, in any order. */
function wake({ random }: World, { tell }: Page): void {
  const signals = ['visible', 'visible', 'online', 'online', 'focus', 'pageshow', 'bfcache', 'resume', 'app'] as const
  for (let more = true; more; more = random() < 0.5) tell(pick(random, signals))
}

function away({ random }: World, { tell }: Page): void {
  tell(pick(random, ['hidden', 'offline']))
}

function networkChanges({ random }: World, { allow }: Page): void {
  allow(pick(random, ['no WebSockets', 'no WebSockets', 'all', 'all', 'nothing']))
}

/** A page goes, and the next one opens in its browser. */
export async function reload({ count, clock, leave, open }: World, page: Page): Promise<void> {
  count('reload')
  page.tell('hidden')
  await clock.settle()
  await leave(page)
  open(page.browser)
}

/** A page goes without a word, as one that crashed or was thrown away; what it has saved may be damaged. */
async function crash({ random, count, leave, open }: World, page: Page): Promise<void> {
  count('crash')
  await leave(page)
  if (random() < 0.6 && (await page.browser.tamper(pick(random, ['ahead', 'other mark', 'no cursor']))) > 0) count('tampered record')
  open(page.browser)
}

/** The page goes before what was typed can be kept, or just after. */
async function sendAndCrash(world: World, page: Page): Promise<void> {
  world.send(page)
  await world.pause()
  await crash(world, page)
}
