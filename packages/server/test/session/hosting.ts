import {
  EMPTY_TRANSCRIPT,
  type AttachedFrame,
  type BatchFrame,
  type CommandFrame,
  type ServerFrame,
  type SessionEvent,
  type Transcript,
  type UserMessage,
} from '@throughline/sdk/protocol'
import { applyEvents } from '@throughline/sdk/transcript'
import { vi } from 'vitest'
import type { Agent, AgentFunction, AgentRun } from '../../src/agent/contract.ts'
import type { ViewerLink } from '../../src/journal/viewer-link.ts'
import { Host } from '../../src/session/host.ts'
import type { HostOptions } from '../../src/session/host-options.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { systemTimers } from '../../src/timers.ts'

/** An agent that a test leads by the hand: it yields what the test says, when the test says. */
export function ledAgent(options: { readonly resumes?: boolean } = {}) {
  const runs: LedRun[] = []
  const run: AgentFunction = async function* (given) {
    const led = ledRun(given)
    runs.push(led)
    yield* led.events()
  }
  const agent: Agent = { name: 'led', run, ...options }
  return {
    agent,
    runs,
    /** The nth call of the agent, once it is made. */
    call: async (n: number): Promise<LedRun> =>
      vi.waitFor(() => {
        const found = runs[n - 1]
        if (found === undefined) throw new Error(`the agent was called ${runs.length} times`)
        return found
      }),
  }
}

export interface LedRun {
  readonly given: AgentRun
  say(...events: readonly SessionEvent[]): void
  end(): void
  fail(error: Error): void
  events(): AsyncGenerator<SessionEvent>
}

function ledRun(given: AgentRun): LedRun {
  type Step = { kind: 'say'; event: SessionEvent } | { kind: 'end' } | { kind: 'fail'; error: Error }
  const steps: Step[] = []
  let wake: (() => void) | undefined
  const push = (step: Step) => {
    steps.push(step)
    wake?.()
  }
  given.signal.addEventListener('abort', () => push({ kind: 'end' }))
  return {
    given,
    say: (...events) => {
      for (const event of events) push({ kind: 'say', event })
    },
    end: () => push({ kind: 'end' }),
    fail: (error) => push({ kind: 'fail', error }),
    async *events() {
      for (;;) {
        const step = steps.shift()
        if (step === undefined) {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
          continue
        }
        if (step.kind === 'end') return
        if (step.kind === 'fail') throw step.error
        yield step.event
      }
    },
  }
}

/** Text of one message, as events. */
export function said(id: string, ...deltas: readonly string[]): SessionEvent[] {
  return [
    { type: 'TEXT_MESSAGE_START', messageId: id, role: 'assistant' },
    ...deltas.map((delta): SessionEvent => ({ type: 'TEXT_MESSAGE_CONTENT', messageId: id, delta })),
    { type: 'TEXT_MESSAGE_END', messageId: id },
  ]
}

/** A client that attached: what it was sent, and the transcript that this makes. */
export function viewing() {
  const frames: ServerFrame[] = []
  const link: ViewerLink = {
    send: (frame) => frames.push(JSON.parse(frame.toString()) as ServerFrame),
    hasRoom: () => true,
    whenRoom: () => undefined,
    keepRoom: () => () => undefined,
    inTurn: async (prepare) => (await prepare())(),
    close: () => undefined,
  }
  const attached = () => frames.filter((frame): frame is AttachedFrame => frame.type === 'attached')
  const batches = () => frames.filter((frame): frame is BatchFrame => frame.type === 'batch')
  return {
    link,
    frames,
    attached,
    batches,
    events: () => batches().flatMap(({ events }) => events),
    transcript: (): Transcript => {
      const first = attached().at(-1)
      const from = first?.resumed === false ? first.snapshot.transcript : EMPTY_TRANSCRIPT
      return batches().reduce((transcript, { events }) => applyEvents(transcript, events), from)
    },
  }
}

/** A host that serves, with one session of `alice`. */
export async function hosting(options: Partial<HostOptions> = {}) {
  const led = ledAgent()
  const store = options.store ?? createMemoryStore()
  const host = new Host({ store, agents: [led.agent], timers: systemTimers, ...options })
  await host.start()
  const { session } = await host.create('alice', { key: 'one' })
  let messages = 0
  let commands = 0
  const message = (text: string): UserMessage => ({ id: `m${(messages += 1)}`, role: 'user', content: text })
  const command = (frame: Record<string, unknown>) =>
    host.command('alice', { id: `c${(commands += 1)}`, session: session.id, ...frame } as unknown as CommandFrame)
  const send = (text: string, fields: Record<string, unknown> = {}) => {
    const sent = message(text)
    return command({ type: 'send', id: sent.id, message: sent, ...fields })
  }
  const attach = async (cursor?: string) => {
    const viewer = viewing()
    const watch = await host.attach(
      'alice',
      { type: 'attach', id: 'a1', session: session.id, ...(cursor !== undefined && { cursor }) },
      viewer.link,
    )
    return { ...viewer, watch }
  }
  const status = async () => (await host.entry('alice', session.id)).status
  return { host, store, led, session: session.id, command, send, attach, status }
}

/** Waits until something is so. */
export function until<Value>(look: () => Value | Promise<Value>, isSo: (value: Value) => boolean): Promise<Value> {
  return vi.waitFor(async () => {
    const value = await look()
    if (!isSo(value)) throw new Error(`not yet: ${JSON.stringify(value)?.slice(0, 500)}`)
    return value
  })
}
