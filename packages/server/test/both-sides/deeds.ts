import { answer, answerTogether, edit, send, stop } from './command-deeds.ts'
import type { Page } from './page.ts'
import { pick } from './seeded-random.ts'
import type { Stage } from './stage.ts'

/** Something that happens to a page, or to the server. */
export type Deed = (stage: Stage, page: Page) => void | Promise<void>

const cut: Deed = (_, { lines }) => lines.newest()?.cut()

/** What may happen, the usual more often. */
export const DEEDS: readonly Deed[] = [
  send,
  send,
  send,
  edit,
  stop,
  answer,
  answerTogether,
  cut,
  cut,
  (_, { lines }) => lines.newest()?.blackHole(),
  (_, { lines }) => lines.newest()?.hold('toClient'),
  (_, { lines }) => lines.newest()?.flush('toClient'),
  (_, { lines }) => lines.newest()?.release('toClient'),
  ({ join }) => join(),
  wake,
  wake,
  wake,
  away,
  away,
  networkChanges,
  networkChanges,
  clockIsSet,
  takeBack,
  reload,
  crash,
  sendAndCrash,
  ({ restart }) => restart(),
  ({ random, clock }) => clock.sleep(random() * 40_000),
]

/** One or more signals of a return, in any order. */
function wake({ random }: Stage, { tell }: Page): void {
  const signals = ['visible', 'visible', 'online', 'online', 'focus', 'pageshow', 'bfcache', 'resume', 'app'] as const
  for (let more = true; more; more = random() < 0.5) tell(pick(random, signals))
}

function away({ random }: Stage, { tell }: Page): void {
  tell(pick(random, ['hidden', 'offline']))
}

function networkChanges({ random }: Stage, { allow }: Page): void {
  allow(pick(random, ['no WebSockets', 'no WebSockets', 'whole answers', 'all', 'all', 'nothing']))
}

const MINUTE_MS = 60_000

/** The machine's clock is set, by a little or by a lot. */
function clockIsSet({ random, count }: Stage, { browser }: Page): void {
  const byMs = random() * pick(random, [MINUTE_MS / 10, MINUTE_MS, 60 * MINUTE_MS, 4_000 * MINUTE_MS])
  const isAhead = random() < 0.5
  count(isAhead ? 'clock ahead' : 'clock back')
  browser.setClock(isAhead ? byMs : -byMs)
}

/** Somebody whose session was taken over takes it back. */
export function takeBack({ count }: Stage, { session }: Page): void {
  if (session.state.failure?.code !== 'superseded') return
  count('take back')
  session.retry()
}

/** A page goes, and the next one opens in its browser. */
export async function reload({ count, clock, leave, open }: Stage, page: Page): Promise<void> {
  count('reload')
  page.tell('hidden')
  await clock.settle()
  await leave(page)
  open(page.browser)
}

/** A page goes without a word, as one that crashed or was thrown away; what it has saved may be damaged. */
async function crash({ random, count, leave, open }: Stage, page: Page): Promise<void> {
  count('crash')
  await leave(page)
  if (random() < 0.6 && (await page.browser.tamper(pick(random, ['ahead', 'other mark', 'no cursor']))) > 0) count('tampered record')
  open(page.browser)
}

/** The page goes before what was typed can be kept, or just after. */
async function sendAndCrash(stage: Stage, page: Page): Promise<void> {
  send(stage, page)
  await stage.pause()
  await crash(stage, page)
}
