import { isDeepStrictEqual } from 'node:util'
import type { LogRecord } from '@throughline/sdk'
import type { Transcript } from '@throughline/sdk/protocol'
import { testClock } from '@throughline/sdk/testing'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { openBrowser, type Browser } from './browser.ts'
import { DEEDS, reload } from './deeds.ts'
import type { Tampering } from './line.ts'
import { noteTakenBack } from './note-taken-back.ts'
import { openPace } from './pace.ts'
import { openPage, type Page } from './page.ts'
import { restartingServer } from './restarting-server.ts'
import { pick, seededRandom } from './seeded-random.ts'
import { SentMessages } from './sent-messages.ts'
import { talkativeAgent } from './talkative-agent.ts'

/** What happened in a schedule, by name. */
export type Tally = Map<string, number>

/** What a schedule came to: everything a test compares. */
export interface Outcome {
  /** Each page's transcript, and the server's. */
  readonly pages: readonly unknown[]
  readonly server: unknown
  /** Messages that took effect more or less often than their sender was told. */
  readonly wrong: readonly unknown[]
  /** Commands that neither settled nor were reported, on a page or in what a browser keeps. */
  readonly stuck: readonly string[]
  readonly failures: readonly unknown[]
}

const STEPS = 30
const SESSION_KEY = 'chaos'
const MOST_PAGES = 3
// A page without a network tries once each 30 s, and a lease that its node left behind lasts as long.
const ROUNDS = 30
const ROUND_MS = 5_000
const FLOOD_EVERY = 50
// States of 200 KB: more than the 2 MiB of a backlog, and the 8 MiB of a journal.
const LARGE = 12
const VAST = 45

/** Runs one random schedule, from two pages that open a session to the calm in which all of them must show what the server has. */
export async function runSchedule(seed: number, tally: Tally): Promise<Outcome> {
  const random = seededRandom(seed)
  const pace = openPace(random)
  const clock = testClock(undefined, pace.settle)
  const timers = { now: clock.now, setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout }
  const { store, takenBack } = noteTakenBack(createMemoryStore({ now: clock.now }))
  const server = restartingServer({ store, timers, pace, agent: (sleep) => talkativeAgent(random, sleep) })
  await server.start()
  const { session } = await serving().create('local', { key: SESSION_KEY })
  const count = (name: string) => tally.set(name, (tally.get(name) ?? 0) + 1)
  const browsers: Browser[] = []
  const pages: Page[] = []
  const sent = new SentMessages()
  const failures: unknown[] = []
  let isCalm = false
  let messages = 0

  function serving() {
    const host = server.process()?.edge.host
    if (!host) throw new Error('the server is down')
    return host
  }

  const unlessCalm = <Doing>(fates: readonly (Doing | 'pass')[]) => (isCalm ? 'pass' : pick(random, fates))
  const tampering: Tampering = {
    batch: () => unlessCalm(['pass', 'pass', 'pass', 'pass', 'pass', 'pass', 'pass', 'repeat', 'lose']),
    attach: () => unlessCalm([...Array<'pass'>(30).fill('pass'), 'garble']),
    request: () => unlessCalm(['pass', 'pass', 'pass', 'pass', 'lose', 'lose answer', 'hang']),
  }

  function open(browser: Browser): void {
    const page = openPage({
      browser,
      id: session.id,
      server: server.process,
      clock,
      random,
      pace,
      tampering,
      isUserKnown: random() < 0.5,
      onLog: (record) => count(nameOf(record)),
      onFailure: (error) => failures.push(error),
      onUnsent: (id) => sent.settled(id, 'unsent'),
    })
    pages.push(page)
  }

  function join(): void {
    if (pages.length >= MOST_PAGES) return
    const shared = browsers[0]
    if (shared && random() < 0.5) return open(shared)
    const browser = openBrowser(random() < 0.7)
    browsers.push(browser)
    open(browser)
  }

  async function leave(page: Page): Promise<void> {
    pages.splice(pages.indexOf(page), 1)
    page.kill()
    sent.left(page, page.browser.storage === false ? 'unknown' : page.browser.everKept)
  }

  function send(page: Page, text = `message ${messages + 1}`): void {
    const id = `m${seed}-${(messages += 1)}`
    sent.add(id, page)
    const whenBusy = pick(random, ['queue', 'queue', 'queue', 'interrupt'] as const)
    page.session.send(text, { id, whenBusy }).then(
      () => sent.settled(id, 'accepted'),
      (error: unknown) => failures.push(error),
    )
  }

  async function restart(): Promise<void> {
    if (!server.process()) return
    count('restart')
    await server.kill(session.id, random() < 0.2)
    for (const { lines } of pages) for (const line of Array.from(lines.all())) (random() < 0.8 ? line.cut : line.blackHole)()
    clock.setTimeout(() => void server.start(), random() * 4_000)
  }

  /** More happens while one page is away than a server sends again, or keeps. */
  async function flood(states: number): Promise<void> {
    const [absent, present] = pages
    if (!absent || !present) return
    absent.allow('nothing')
    present.allow('all')
    send(present, `flood ${states}`)
    await clock.advance(10_000)
    absent.allow('all')
  }

  const world = { random, clock, pause: pace.pause, count, send, join, restart, leave, open }
  join()
  join()
  for (const page of pages.slice(0, 1)) send(page)
  for (let step = 0; step < STEPS; step += 1) {
    if (step === STEPS / 2 && seed % FLOOD_EVERY === 0) await flood(seed % (4 * FLOOD_EVERY) === 0 ? VAST : LARGE)
    await pick(random, DEEDS)(world, pick(random, pages))
    await clock.advance(random() < 0.2 ? random() * 12_000 : random() * 60)
  }

  isCalm = true
  for (const page of pages) {
    page.allow('all')
    page.tell('visible')
    page.tell('online')
  }
  await calmDown()
  // What was saved must be as good as what was seen.
  for (const page of [...pages]) await reload(world, page)
  await calmDown()

  async function calmDown(): Promise<void> {
    for (let round = 0; round < ROUNDS && !(await isLevel()); round += 1) {
      for (const { lines } of pages) for (const line of Array.from(lines.all())) line.release()
      await clock.advance(ROUND_MS)
    }
  }

  async function stuck(): Promise<readonly string[]> {
    const kept = await Promise.all(browsers.map(({ keptCommands }) => keptCommands()))
    return [...sent.waiting(), ...kept.flat()]
  }

  async function isLevel(): Promise<boolean> {
    if (!server.process() || (await stuck()).length > 0) return false
    const read = await serving()
      .read('local', session.id)
      .catch(() => undefined)
    if (read === undefined) return false
    const { session: entry, snapshot } = read
    return entry.status === 'idle' && pages.every((page) => isDeepStrictEqual(seen(page.session.state), seen(snapshot.transcript)))
  }

  const { snapshot } = await serving().read('local', session.id)
  const outcome: Outcome = {
    pages: pages.map((page) => seen(page.session.state)),
    server: seen(snapshot.transcript),
    wrong: sent.wrong((message) => snapshot.transcript.messages.filter(({ id }) => id === message).length, takenBack),
    stuck: await stuck(),
    failures,
  }
  for (const { client } of pages) client.close()
  await serving().close()
  return outcome
}

/** What must be the same on both sides. */
function seen({
  messages,
  runs,
  queue,
  interrupts,
  custom,
}: Pick<Transcript, 'runs' | 'queue' | 'interrupts' | 'custom'> & { readonly messages: unknown }): unknown {
  return { messages, runs, queue, interrupts, custom }
}

/** What a log record tells of, in the words of the report. */
function nameOf(record: LogRecord): string {
  switch (record.type) {
    case 'attached':
      return record.resumed ? 'resumed' : `snapshot: ${record.reason ?? ''}`
    case 'batch':
      return record.merged ? 'merged' : 'batch'
    case 'dial':
      return record.transport === 'stream' ? 'stream link' : 'dial'
    case 'transport':
      return record.why === 'works_again' ? 'switch back' : `transport: ${record.why}`
    default:
      return record.type
  }
}
