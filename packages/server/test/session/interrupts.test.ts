import type { SessionEvent } from '@throughline/sdk/protocol'
import { describe, expect, test } from 'vitest'
import type { Agent } from '../../src/agent/contract.ts'
import { Host } from '../../src/session/host.ts'
import { manualTimers, turn } from '../manual-timers.ts'
import { hosting, ledAgent, said, until, viewing, type LedRun } from './hosting.ts'

/** An agent that asks, and says what it was answered. */
const asking: Agent = {
  name: 'asking',
  async *run({ ask }) {
    yield* said('t1', 'one moment')
    const answer = await ask({ message: 'Which city?', responseSchema: { type: 'string' } })
    yield* said('t2', answer.status === 'resolved' ? `so ${String(answer.payload)}` : 'never mind')
  },
}

async function asked(agent: Agent = asking) {
  const hosted = await hosting({ agents: [agent] })
  const viewer = await hosted.attach()
  const { run } = (await hosted.send('hi')) as { run: string }
  const [interrupt] = await until(
    () => viewer.transcript().interrupts,
    (open) => open.length > 0,
  )
  return { ...hosted, viewer, run, interrupt: interrupt?.id ?? '' }
}

const texts = (viewer: ReturnType<typeof viewing>) =>
  viewer.transcript().messages.flatMap(({ parts }) => parts.map((part) => (part.type === 'text' ? part.text : part.type)))

describe('a question to a person', () => {
  test('ends the run, is part of every snapshot, and the answer goes on in the same execution', async () => {
    const { attach, command, interrupt, status, viewer } = await asked()
    expect(await status()).toBe('waiting')
    const later = await attach()
    expect(later.transcript().interrupts).toMatchObject([{ id: interrupt, message: 'Which city?' }])
    expect(await command({ type: 'answer', interrupt, status: 'resolved', payload: 'Rome' })).toMatchObject({
      run: expect.any(String) as string,
    })
    await until(status, (now) => now === 'idle')
    expect(texts(viewer)).toEqual(['hi', 'one moment', 'so Rome'])
    expect(viewer.transcript().interrupts).toEqual([])
    expect(viewer.transcript().runs.map(({ state }) => state.status)).toEqual(['interrupt', 'success'])
  })

  test('is answered once', async () => {
    const { command, interrupt, status } = await asked()
    await command({ type: 'answer', interrupt, status: 'resolved', payload: 'Rome' })
    await until(status, (now) => now === 'idle')
    await expect(command({ type: 'answer', interrupt, status: 'resolved', payload: 'Oslo' })).rejects.toMatchObject({
      code: 'interrupt_closed',
    })
  })

  test('refuses an answer that does not fit what was asked for', async () => {
    const { command, interrupt, status } = await asked()
    await expect(command({ type: 'answer', interrupt, status: 'resolved', payload: 7 })).rejects.toMatchObject({ code: 'answer_invalid' })
    expect(await status()).toBe('waiting')
  })

  test('refuses it also where an earlier question’s schema had the same name', async () => {
    const twice: Agent = {
      name: 'twice',
      async *run({ ask }) {
        const responseSchema = { $id: 'city', type: 'string' } as const
        await ask({ message: 'from?', responseSchema })
        await ask({ message: 'to?', responseSchema })
      },
    }
    const { command, interrupt, viewer } = await asked(twice)
    await command({ type: 'answer', interrupt, status: 'resolved', payload: 'Rome' })
    const [second] = await until(
      () => viewer.transcript().interrupts,
      (open) => open.length > 0 && open[0]?.id !== interrupt,
    )
    await expect(command({ type: 'answer', interrupt: second?.id, status: 'resolved', payload: 7 })).rejects.toMatchObject({
      code: 'answer_invalid',
    })
  })

  test('takes any answer where the schema cannot be checked at once', async () => {
    const asynchronous: Agent = {
      name: 'asynchronous',
      async *run({ ask }) {
        const answer = await ask({ responseSchema: { $async: true, type: 'string' } as never })
        yield* said('t2', answer.status)
      },
    }
    const { command, interrupt, status } = await asked(asynchronous)
    await command({ type: 'answer', interrupt, status: 'resolved', payload: 7 })
    await until(status, (now) => now === 'idle')
    // What is left of the check must not bring the process down.
    await turn()
  })

  test('can be cancelled: the agent goes on with that', async () => {
    const { command, interrupt, status, viewer } = await asked()
    await command({ type: 'answer', interrupt, status: 'cancelled' })
    await until(status, (now) => now === 'idle')
    expect(texts(viewer).at(-1)).toBe('never mind')
  })

  test('lets messages wait', async () => {
    const { send, status, viewer } = await asked()
    expect(await send('meanwhile')).toEqual({ queued: 1 })
    expect(await status()).toBe('waiting')
    expect(viewer.transcript().queue).toHaveLength(1)
  })

  test('refuses a message that would rather be refused', async () => {
    const { send } = await asked()
    await expect(send('meanwhile', { whenBusy: 'refuse' })).rejects.toMatchObject({ code: 'waiting' })
  })

  test('is given up for a message that interrupts: it starts at once, with the question answered cancelled', async () => {
    const { send, viewer, interrupt } = await asked()
    expect(await send('something else', { whenBusy: 'interrupt' })).toMatchObject({ run: expect.any(String) as string })
    const started = viewer.events().findLast((event) => event.type === 'RUN_STARTED')
    expect(started).toMatchObject({
      input: { messages: [{ content: 'something else' }], resume: [{ interruptId: interrupt, status: 'cancelled' }] },
    })
  })

  test('is given up by a stop: nothing runs any more, and the session is idle', async () => {
    const { command, run, status, viewer } = await asked()
    expect(await command({ type: 'stop', run })).toEqual({ stopped: true })
    expect(await status()).toBe('idle')
    await turn()
    expect(viewer.transcript().runs).toHaveLength(1)
    expect(texts(viewer)).toEqual(['hi', 'one moment'])
  })

  test('with others: the next run starts when all have their answer', async () => {
    const two: Agent = {
      name: 'two',
      async *run({ ask }) {
        const [city, day] = await Promise.all([ask({ message: 'city?' }), ask({ message: 'day?' })])
        yield* said('t1', `${city.status} ${day.status}`)
      },
    }
    const { command, status, viewer } = await asked(two)
    const [city, day] = viewer.transcript().interrupts
    expect(await command({ type: 'answer', interrupt: day?.id, status: 'cancelled' })).toEqual({})
    expect(await status()).toBe('waiting')
    await command({ type: 'answer', interrupt: city?.id, status: 'resolved', payload: 1 })
    await until(status, (now) => now === 'idle')
    expect(texts(viewer).at(-1)).toBe('resolved cancelled')
  })

  test('whose time is over is answered cancelled by the host', async () => {
    const timers = manualTimers()
    const expiring: Agent = {
      name: 'expiring',
      async *run({ ask }) {
        const answer = await ask({ message: 'quick?', expiresMs: 60_000 })
        yield* said('t1', answer.status)
      },
    }
    const { send, attach, status } = await hosting({ agents: [expiring], timers })
    const viewer = await attach()
    await send('hi')
    const after = async (ms: number) => {
      await timers.advance(ms)
      return status()
    }
    await until(
      () => after(0),
      (now) => now === 'waiting',
    )
    expect(await after(59_000)).toBe('waiting')
    await timers.advance(2000)
    await until(
      () => after(0),
      (now) => now === 'idle',
    )
    expect(texts(viewer).at(-1)).toBe('cancelled')
  })

  test('expires also where the server was started anew meanwhile, and nobody looks', async () => {
    const timers = manualTimers()
    const expiring: Agent = {
      name: 'expiring',
      async *run({ ask }) {
        await ask({ message: 'quick?', expiresMs: 60_000 })
      },
    }
    const { host, store, session, send } = await hosting({ agents: [expiring], timers })
    await send('hi')
    await timers.advance(1000)
    await host.close()
    timers.jump(120_000)
    await new Host({ store, agents: [expiring], timers }).start()
    await timers.advance(100)
    const found = await store.find(session)
    expect(found).toMatchObject({ record: { status: 'idle', last: { outcome: 'error', code: 'interrupted' } } })
  })

  test('is lost with the server: the answer ends as interrupted, where the agent cannot take it up', async () => {
    const { host, store, session, interrupt } = await asked()
    await host.close()
    const again = new Host({ store, agents: [asking] })
    await again.start()
    const viewer = viewing()
    await again.attach('alice', { type: 'attach', id: 'a', session }, viewer.link)
    expect(viewer.transcript().interrupts).toMatchObject([{ id: interrupt }])
    await again.command('alice', { type: 'answer', id: 'late', session, interrupt, status: 'resolved', payload: 'Rome' })
    expect(viewer.transcript().runs.at(-1)?.state).toMatchObject({ status: 'error', code: 'interrupted' })
  })

  test('is lost with the server: an agent that can resume is called anew with the answer', async () => {
    const { host, store, session, interrupt } = await asked()
    await host.close()
    const led = ledAgent({ resumes: true })
    const again = new Host({ store, agents: [{ ...led.agent, name: 'asking' }] })
    await again.start()
    await again.command('alice', { type: 'answer', id: 'late', session, interrupt, status: 'resolved', payload: 'Rome' })
    const call = await led.call(1)
    expect(call.given.resume).toMatchObject({ kind: 'answers', entries: [{ interruptId: interrupt, status: 'resolved', payload: 'Rome' }] })
  })
})

describe('a run that an agent ends itself with an interrupt', () => {
  test('is answered by calling the agent anew with what was answered', async () => {
    const { send, command, led, status } = await hosting()
    await send('hi')
    const first = await led.call(1)
    first.say({
      type: 'RUN_FINISHED',
      threadId: '',
      runId: '',
      outcome: { type: 'interrupt', interrupts: [{ id: 'i1', reason: 'approval' }] },
    })
    await until(status, (now) => now === 'waiting')
    await command({ type: 'answer', interrupt: 'i1', status: 'resolved', payload: true })
    const second = await led.call(2)
    expect(second.given.resume).toMatchObject({ kind: 'answers', entries: [{ interruptId: 'i1', payload: true }] })
  })
})

describe('an interrupt of the agent’s own', () => {
  test('that stands there twice is answered once', async () => {
    const { send, command, led, status } = await hosting()
    await send('hi')
    const interrupts = [
      { id: 'i1', reason: 'approval' },
      { id: 'i1', reason: 'approval' },
    ]
    ;(await led.call(1)).say({ type: 'RUN_FINISHED', threadId: '', runId: '', outcome: { type: 'interrupt', interrupts } })
    await until(status, (now) => now === 'waiting')
    await command({ type: 'answer', interrupt: 'i1', status: 'resolved', payload: true })
    expect((await led.call(2)).given.resume).toMatchObject({ kind: 'answers' })
  })

  test('whose expiry is no time waits for its answer', async () => {
    const timers = manualTimers()
    const { send, led, status } = await hosting({ timers })
    await send('hi')
    const interrupts = [{ id: 'i1', reason: 'approval', expiresAt: 'tomorrow' }]
    ;(await led.call(1)).say({ type: 'RUN_FINISHED', threadId: '', runId: '', outcome: { type: 'interrupt', interrupts } })
    await until(status, (now) => now === 'waiting')
    await timers.advance(1000)
    expect(await status()).toBe('waiting')
  })
})

describe('frontend tools', () => {
  const call = (id: string): SessionEvent[] => [
    { type: 'TOOL_CALL_START', toolCallId: id, toolCallName: 'locate' },
    { type: 'TOOL_CALL_ARGS', toolCallId: id, delta: '{}' },
    { type: 'TOOL_CALL_END', toolCallId: id },
  ]

  const results = (run: LedRun) => run.given.messages.filter(({ role }) => role === 'tool')

  async function called() {
    const hosted = await hosting()
    const viewer = await hosted.attach()
    await hosted.send('where am I?')
    const first = await hosted.led.call(1)
    first.say(...call('k1'), ...call('k2'), {
      type: 'RUN_FINISHED',
      threadId: '',
      runId: '',
      outcome: { type: 'success', pendingToolCallIds: ['k1', 'k2'] },
    })
    await until(
      () => viewer.events().at(-1)?.type,
      (type) => type === 'RUN_FINISHED',
    )
    const result = (toolCallId: string, content: string) => {
      const id = `r-${toolCallId}`
      return hosted.command({ type: 'send', id, message: { id, role: 'tool', toolCallId, content } })
    }
    return { ...hosted, viewer, result }
  }

  test('start the next run with the last result, and give it all', async () => {
    const { result, led } = await called()
    expect(await result('k1', 'Rome')).toEqual({ answered: true })
    expect(await result('k2', 'Italy')).toMatchObject({ run: expect.any(String) as string })
    const second = await led.call(2)
    expect(results(second)).toMatchObject([
      { toolCallId: 'k1', content: 'Rome' },
      { toolCallId: 'k2', content: 'Italy' },
    ])
  })

  test('take each result once', async () => {
    const { result, command } = await called()
    await result('k1', 'Rome')
    const again = command({ type: 'send', id: 'x', message: { id: 'x', role: 'tool', toolCallId: 'k1', content: 'Oslo' } })
    await expect(again).rejects.toMatchObject({ code: 'interrupt_closed' })
  })

  test('that were not answered say so also where a message waited already', async () => {
    const { send, led } = await hosting()
    await send('where am I?')
    const first = await led.call(1)
    await send('never mind')
    first.say(...call('k1'), {
      type: 'RUN_FINISHED',
      threadId: '',
      runId: '',
      outcome: { type: 'success', pendingToolCallIds: ['k1'] },
    })
    const second = await led.call(2)
    expect(results(second)).toMatchObject([{ toolCallId: 'k1', content: 'not answered' }])
    expect(second.given.messages.at(-1)).toMatchObject({ role: 'user', content: 'never mind' })
  })

  test('that were not answered say so when the user goes on', async () => {
    const { result, send, led } = await called()
    await result('k1', 'Rome')
    await send('never mind')
    const second = await led.call(2)
    expect(results(second)).toMatchObject([
      { toolCallId: 'k1', content: 'Rome' },
      { toolCallId: 'k2', content: 'not answered' },
    ])
    expect(second.given.messages.at(-1)).toMatchObject({ role: 'user', content: 'never mind' })
  })
})
