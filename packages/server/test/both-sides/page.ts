import { connect, type Client, type LogRecord, type Session, type UnsentCommand, type WakeNews, type WakeSource } from '@throughline/sdk'
import type { KeyValueStorage } from '@throughline/sdk/storage'
import type { TestClock } from '@throughline/sdk/testing'
import type { Browser } from './browser.ts'
import { faultyStorage } from './faulty-storage.ts'
import { inOrder } from './in-order.ts'
import { beginLife, timersOf, withinLife } from './life.ts'
import type { Tampering } from './line.ts'
import { linesTo, type Lines, type Reach } from './lines.ts'
import type { Pace } from './pace.ts'
import type { ServerProcess } from './restarting-server.ts'
import { watchEvents } from './watch-events.ts'

/** One page that follows one session, from its load until it is gone. */
export interface Page {
  readonly browser: Browser
  readonly client: Client
  readonly session: Session
  readonly lines: Lines
  /** What the platform tells the page. */
  readonly tell: (news: WakeNews) => void
  /** What its network allows from now on; lines that it does not allow any more are cut. */
  readonly allow: (reach: Reach) => void
  /** The page is gone, without a word to anybody. */
  readonly kill: () => void
}

/** What a page is opened with. */
export interface PageOptions {
  readonly browser: Browser
  readonly id: string
  readonly server: () => ServerProcess | undefined
  readonly clock: TestClock
  readonly random: () => number
  readonly pace: Pace
  readonly tampering: Tampering
  readonly token: () => Promise<string>
  /** Whether the app knows who the user is before the server says it. */
  readonly isUserKnown: boolean
  /** Whether it is to be the only view of the session. */
  readonly isExclusive: boolean
  readonly isCalm: () => boolean
  readonly count: (name: string) => void
  readonly onLog: (record: LogRecord) => void
  readonly onFailure: (error: unknown) => void
  /** A command of an earlier page is reported as not sent. */
  readonly onUnsent: (unsent: UnsentCommand) => void
}

/** Opens a page. */
export function openPage({ browser, id, server, clock, random, pace, tampering, token, ...options }: PageOptions): Page {
  const { isUserKnown, isExclusive, isCalm, count, ...told } = options
  const life = beginLife()
  const { setTimeout, clearTimeout } = timersOf(life, clock)
  const faults = { random, isCalm, count, sleep: (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms)) }
  const presence = stagedPresence()
  let reach: Reach = 'all'
  const lines = linesTo(
    () => (life.isOver() ? undefined : server()),
    () => (presence.offline() ? 'nothing' : reach),
    tampering,
    count,
  )
  const client = connect('http://chaos', {
    WebSocket: lines.WebSocket,
    fetch: lines.fetch,
    token,
    now: () => clock.now() + browser.aheadMs(),
    timers: { setTimeout, clearTimeout },
    random,
    wake: presence,
    storage:
      browser.storage &&
      inOrder<KeyValueStorage>(withinLife(faultyStorage(browser.storage, { ...faults, health: browser.health }), life, pace)),
    ...(isUserKnown && { user: 'local' }),
  })
  const inLife =
    <Value>(tell: (value: Value) => void) =>
    (value: Value) => {
      if (!life.isOver()) tell(value)
    }
  client.on('log', inLife(told.onLog))
  client.on('error', inLife(told.onFailure))
  const session = client.session(id, { exclusive: isExclusive })
  session.on('failure', inLife(told.onFailure))
  watchEvents(session, inLife(told.onFailure))
  session.on('unsent', inLife(told.onUnsent))

  return {
    browser,
    client,
    session,
    lines,
    tell: (news) => {
      presence.tell(news)
      // A platform that says so has no network.
      if (news === 'offline') for (const line of Array.from(lines.all())) line.cut()
    },
    allow: (allowed) => {
      reach = allowed
      if (reach !== 'all') for (const line of Array.from(lines.all())) line.cut()
    },
    kill: () => {
      life.end()
      for (const line of Array.from(lines.all())) line.leave()
    },
  }
}

/** A wake source that says what it is told. */
function stagedPresence(): WakeSource & { readonly tell: (news: WakeNews) => void } {
  const listeners = new Set<(news: WakeNews) => void>()
  let isHidden = false
  let isOffline = false
  return {
    hidden: () => isHidden,
    offline: () => isOffline,
    listen: (listener) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    tell: (news) => {
      if (news === 'hidden') isHidden = true
      if (news === 'visible') isHidden = false
      if (news === 'offline') isOffline = true
      if (news === 'online') isOffline = false
      for (const listener of listeners) listener(news)
    },
  }
}
