import { SessionError, type LogRecord } from '@throughline/sdk'
import type { Snapshot } from '@throughline/sdk/protocol'
import { testClock, type TestClock } from '@throughline/sdk/testing'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { openBrowser, type Browser } from './browser.ts'
import { GivenCommands } from './given-commands.ts'
import { readJournal, type JournalReading } from './journal-reading.ts'
import type { Tampering } from './line.ts'
import { openPace } from './pace.ts'
import { openPage, type Page } from './page.ts'
import { restartingServer } from './restarting-server.ts'
import { pick, seededRandom } from './seeded-random.ts'
import { shortLivedTokens } from './short-lived-tokens.ts'
import { talkativeAgent } from './talkative-agent.ts'

/** What happened in a schedule, by name. */
export type Tally = Map<string, number>

/** Where a schedule takes place: a server, a session, the pages that follow it, and all that lies between them. */
export interface Stage {
  readonly random: () => number
  readonly clock: TestClock
  readonly pages: readonly Page[]
  readonly browsers: readonly Browser[]
  readonly given: GivenCommands
  readonly reading: JournalReading
  /** What was told to nobody who could expect it. */
  readonly failures: unknown[]
  readonly count: (name: string) => void
  /** Lets other things happen, for a random while that needs no time. */
  readonly pause: () => Promise<void>
  /** Another page, in a browser that is there or another one. */
  readonly join: () => void
  readonly open: (browser: Browser) => void
  readonly leave: (page: Page) => Promise<void>
  /** Kills the server, which comes back some seconds later. */
  readonly restart: () => Promise<void>
  /** From now on nothing is tampered with, and nothing fails. */
  readonly calm: () => void
  /** What the server has; undefined while it is down, something runs, or somebody is asked. */
  readonly snapshot: () => Promise<Snapshot | undefined>
  readonly close: () => Promise<void>
}

const MOST_PAGES = 3

/** Sets the stage: the server is up, and has a session. */
export async function openStage(seed: number, tally: Tally): Promise<Stage> {
  const random = seededRandom(seed)
  const pace = openPace(random)
  const clock = testClock(undefined, pace.settle)
  const { now, timers } = clock
  const count = (name: string) => tally.set(name, (tally.get(name) ?? 0) + 1)
  const { store, reading } = readJournal(createMemoryStore({ now }), count)
  let isCalm = false
  const unlessCalm = <Doing>(fates: readonly (Doing | 'pass')[]) => (isCalm ? 'pass' : pick(random, fates))
  const tokens = shortLivedTokens({ now, random, pause: pace.pause, fails: () => !isCalm && random() < 0.05 })
  const resumes = random() < 0.5
  const server = restartingServer({
    store,
    timers: { now, ...timers },
    pace,
    authenticate: tokens.authenticate,
    agent: (sleep) => talkativeAgent({ random, sleep, resumes }),
  })
  await server.start()
  const created = await server.process()?.edge.host.create('local', { key: 'chaos' })
  const id = created?.session.id ?? ''
  const tampering: Tampering = {
    batch: () => unlessCalm(['pass', 'pass', 'pass', 'pass', 'pass', 'pass', 'pass', 'repeat', 'lose']),
    attach: () => unlessCalm([...Array<'pass'>(30).fill('pass'), 'garble']),
    request: () => unlessCalm(['pass', 'pass', 'pass', 'pass', 'lose', 'lose answer', 'hang']),
  }
  const pages: Page[] = []
  const browsers: Browser[] = []
  const given = new GivenCommands(`c${seed}`)
  const failures: unknown[] = []

  function open(browser: Browser): void {
    const page = openPage({
      browser,
      id,
      server: server.process,
      clock,
      random,
      pace,
      tampering,
      token: tokens.fresh,
      isUserKnown: random() < 0.5,
      isExclusive: !isCalm && random() < 0.1,
      isCalm: () => isCalm,
      count,
      onLog: (record) => count(wordFor(record)),
      onFailure: (error) => {
        if (!(error instanceof SessionError && error.code === 'superseded')) failures.push(error)
      },
      onUnsent: ({ command, error }) => {
        count('unsent')
        given.unsent(page, command, error.code)
      },
    })
    pages.push(page)
  }

  return {
    random,
    clock,
    pages,
    browsers,
    given,
    reading,
    failures,
    count,
    pause: pace.pause,
    join: () => {
      if (pages.length >= MOST_PAGES) return
      const shared = browsers[0]
      if (shared && random() < 0.5) return open(shared)
      const browser = openBrowser(pick(random, ['good', 'good', 'good', 'slow', 'failing', 'none', 'none']))
      browsers.push(browser)
      open(browser)
    },
    open,
    leave: async (page) => {
      pages.splice(pages.indexOf(page), 1)
      page.kill()
      given.left(page)
    },
    restart: async () => {
      if (!server.process()) return
      count('restart')
      await server.kill(id, random() < 0.2)
      for (const { lines } of pages) for (const line of Array.from(lines.all())) (random() < 0.8 ? line.cut : line.blackHole)()
      clock.setTimeout(() => void server.start(), random() * 4_000)
    },
    calm: () => {
      isCalm = true
    },
    snapshot: async () => {
      const read = await server
        .process()
        ?.edge.host.read('local', id)
        .catch(() => undefined)
      return read?.session.status === 'idle' ? read.snapshot : undefined
    },
    close: async () => {
      for (const { client } of pages) client.close()
      await server.process()?.edge.host.close()
    },
  }
}

/** What a log record tells of, in the words of the report. */
function wordFor(record: LogRecord): string {
  switch (record.type) {
    case 'attached':
      return record.resumed ? 'resumed' : `snapshot: ${record.reason ?? ''}`
    case 'batch':
      return record.merged ? 'merged' : 'batch'
    case 'dial':
      return record.transport === 'stream' ? 'stream link' : 'dial'
    case 'transport':
      return record.why === 'works_again' ? 'switch back' : `transport: ${record.why}`
    case 'detached':
      return record.reason
    case 'lost':
      return record.code === 4002 ? 'expired' : record.type
    case 'token':
      return `token: ${record.outcome}`
    default:
      return record.type
  }
}
