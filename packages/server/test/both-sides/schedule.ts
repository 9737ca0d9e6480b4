import { isDeepStrictEqual } from 'node:util'
import { connect, type Client, type LogRecord, type Session } from '@throughline/sdk'
import { isOwnEvent, type BatchFrame } from '@throughline/sdk/protocol'
import { testClock, type TestClock } from '@throughline/sdk/testing'
import type { Agent, AgentEvent } from '../../src/agent/contract.ts'
import type { Edge } from '../../src/http/edge.ts'
import { openLinks } from '../../src/http/open-links.ts'
import { rateLimit } from '../../src/http/rate-limit.ts'
import { Host } from '../../src/session/host.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { seededRandom } from './seeded-random.ts'
import { tamperedLines, type Lines } from './tampered-line.ts'
import { yieldingStore } from './yielding-store.ts'

/** What happened in a schedule, by name. */
export type Tally = Map<string, number>

/** What a schedule came to: everything a test compares. */
export interface Outcome {
  /** Each client's transcript, and the server's. */
  readonly clients: readonly unknown[]
  readonly server: unknown
  /** The ids of the messages that were sent, accepted and not taken back by a stop, and how often each stands in the transcript. */
  readonly accepted: readonly string[]
  readonly occurrences: (message: string) => number
  /** Sends that never settled. */
  readonly unsettled: readonly string[]
  readonly failures: readonly unknown[]
}

interface Person {
  readonly client: Client
  readonly session: Session
  readonly lines: Lines
}

const STEPS = 30
const SESSION_KEY = 'chaos'

/** Runs one random schedule: cuts, black holes, held packets, repeated and lost frames, sends, stops and newcomers, at random times. */
export async function runSchedule(seed: number, tally: Tally): Promise<Outcome> {
  const random = seededRandom(seed)
  const clock = testClock()
  const timers = { now: clock.now, setTimeout: clock.setTimeout, clearTimeout: clock.clearTimeout }
  const store = yieldingStore(createMemoryStore({ now: clock.now }), random)
  const host = new Host({ store, agents: [talkative(random, clock)], timers, tail: { events: 20, bytes: 10_000 } })
  await host.start()
  const { session } = await host.create('local', { key: SESSION_KEY })
  const edge: Edge = {
    host,
    authenticate: () => ({ id: 'local', maxLinks: Infinity }),
    origins: new Set(),
    timers,
    pingMs: 15_000,
    commands: rateLimit(1000, timers),
    links: openLinks(),
  }
  const count = (name: string) => tally.set(name, (tally.get(name) ?? 0) + 1)
  const people: Person[] = []
  const failures: unknown[] = []
  const accepted: string[] = []
  const pending = new Set<string>()
  let isCalm = false
  let messages = 0

  function join(): Person {
    const lines = tamperedLines(edge, () =>
      isCalm ? 'pass' : pick(random, ['pass', 'pass', 'pass', 'pass', 'pass', 'pass', 'pass', 'repeat', 'lose']),
    )
    const client = connect('http://chaos', {
      WebSocket: lines.WebSocket,
      fetch: NO_HTTP,
      now: clock.now,
      timers: clock.timers,
      random,
      wake: NEVER_ASLEEP,
    })
    client.on('log', (record) => count(nameOf(record)))
    client.on('error', (error) => failures.push(error))
    const person = { client, session: client.session(session.id), lines }
    person.session.on('failure', (error) => failures.push(error))
    people.push(person)
    return person
  }

  function send({ session: view }: Person): void {
    const id = `m${seed}-${(messages += 1)}`
    pending.add(id)
    const whenBusy = pick(random, ['queue', 'queue', 'queue', 'interrupt'] as const)
    view
      .send(`message ${messages}`, { id, whenBusy })
      .then(() => accepted.push(id))
      .catch((error: unknown) => failures.push(error))
      .finally(() => pending.delete(id))
  }

  const deeds: readonly ((person: Person) => void)[] = [
    send,
    send,
    ({ lines }) => lines.wire()?.cut(),
    ({ lines }) => lines.wire()?.cut(),
    ({ lines }) => lines.wire()?.blackHole(),
    ({ lines }) => lines.wire()?.hold('toClient'),
    ({ lines }) => lines.wire()?.flush('toClient'),
    ({ lines }) => lines.wire()?.release('toClient'),
    ({ client }) => client.wake('visible'),
    ({ session: view }) => void view.stop().catch(() => undefined),
    () => void (people.length < 3 && join()),
  ]

  const [first] = [join(), join()]
  send(first)
  for (let step = 0; step < STEPS; step += 1) {
    pick(random, deeds)(pick(random, people))
    await clock.advance(random() < 0.2 ? random() * 12_000 : random() * 60)
  }

  isCalm = true
  // A lost frame or a dead line is found within 25 s; what was in the middle of a back-off may take longer.
  const isLevel = async () => {
    const { session: entry, snapshot } = await host.read('local', session.id)
    return (
      entry.status === 'idle' &&
      pending.size === 0 &&
      people.every(({ session: view }) => isDeepStrictEqual(seen(view.state), seen(snapshot.transcript)))
    )
  }
  for (let round = 0; round < 40 && !(await isLevel()); round += 1) {
    for (const { lines } of people) lines.wire()?.release()
    await clock.advance(5000)
  }

  const { snapshot } = await host.read('local', session.id)
  const rows = await store.read(session.id, 0, Number.MAX_SAFE_INTEGER)
  const events = rows.flatMap(({ frame }) => (JSON.parse(frame.toString()) as BatchFrame).events)
  const takenBack = new Set(
    events.flatMap((event) => (isOwnEvent(event) && event.name === 'throughline/unqueued' ? [event.value.message] : [])),
  )
  const outcome: Outcome = {
    clients: people.map(({ session: view }) => seen(view.state)),
    server: seen(snapshot.transcript),
    accepted: accepted.filter((id) => !takenBack.has(id)),
    occurrences: (message) => snapshot.transcript.messages.filter(({ id }) => id === message).length,
    unsettled: [...pending],
    failures,
  }
  for (const { client } of people) client.close()
  await host.close()
  return outcome
}

/** What must be the same on both sides. */
function seen({
  messages,
  runs,
  queue,
  interrupts,
  custom,
}: {
  messages: unknown
  runs: unknown
  queue: unknown
  interrupts: unknown
  custom: unknown
}): unknown {
  return { messages, runs, queue, interrupts, custom }
}

const NO_HTTP = () => Promise.reject(new TypeError('there is no HTTP in the chaos'))
const NEVER_ASLEEP = { hidden: () => false, offline: () => false, listen: () => () => undefined }

/** What a log record tells of, in the words of the report. */
function nameOf(record: LogRecord): string {
  if (record.type === 'attached') return record.resumed ? 'resumed' : `snapshot: ${record.reason ?? ''}`
  return record.type === 'batch' && record.merged ? 'merged' : record.type
}

/** An agent that says random things at random times: text, reasoning, tools, state, in one message or several at once. */
function talkative(random: () => number, clock: TestClock): Agent {
  return {
    name: 'talkative',
    async *run({ signal }) {
      const steps = 3 + Math.floor(random() * 12)
      for (let step = 0; step < steps && !signal.aborted; step += 1) {
        yield* utterance(random, step)
        if (random() < 0.6) await new Promise<void>((resolve) => void clock.setTimeout(resolve, random() * 80))
      }
    },
  }
}

function utterance(random: () => number, step: number): AgentEvent[] {
  const words = Array.from({ length: 1 + Math.floor(random() * 8) }, (_, word) => `w${step}.${word} `)
  const kind = pick(random, ['text', 'text', 'reasoning', 'tool', 'state'] as const)
  switch (kind) {
    case 'text':
      return [
        { type: 'TEXT_MESSAGE_START', messageId: `t${step}` },
        ...words.map((delta): AgentEvent => ({ type: 'TEXT_MESSAGE_CONTENT', messageId: `t${step}`, delta })),
        { type: 'TEXT_MESSAGE_END', messageId: `t${step}` },
      ]
    case 'reasoning':
      return [
        { type: 'REASONING_MESSAGE_START', messageId: `r${step}`, role: 'reasoning' },
        ...words.map((delta): AgentEvent => ({ type: 'REASONING_MESSAGE_CONTENT', messageId: `r${step}`, delta })),
        { type: 'REASONING_MESSAGE_END', messageId: `r${step}` },
      ]
    case 'tool':
      return [
        { type: 'TOOL_CALL_START', toolCallId: `k${step}`, toolCallName: 'look' },
        ...words.map((delta): AgentEvent => ({ type: 'TOOL_CALL_ARGS', toolCallId: `k${step}`, delta })),
        { type: 'TOOL_CALL_END', toolCallId: `k${step}` },
        { type: 'TOOL_CALL_RESULT', messageId: `kr${step}`, toolCallId: `k${step}`, content: words.join('') },
      ]
    case 'state':
      return [
        { type: 'STATE_SNAPSHOT', snapshot: { step } },
        { type: 'CUSTOM', name: 'progress', value: step },
      ]
    default:
      return kind satisfies never
  }
}

function pick<Item>(random: () => number, items: readonly Item[]): Item {
  return items[Math.floor(random() * items.length)] as Item
}
