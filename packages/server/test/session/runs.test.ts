import type { SessionEvent } from '@throughline/sdk/protocol'
import { describe, expect, test } from 'vitest'
import type { Agent } from '../../src/agent/contract.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import type { Store } from '../../src/store/port.ts'
import { mergeEvents } from '../journal/batches.ts'
import { manualTimers, turn } from '../manual-timers.ts'
import { gate } from './gate.ts'
import { hosting, said, until } from './hosting.ts'

/** The types of events in order; how deltas were cut into events does not matter. */
const types = (events: readonly SessionEvent[]) => mergeEvents(events).map((event) => (event.type === 'CUSTOM' ? event.name : event.type))
const isIdle = (status: string) => status === 'idle'

describe('a run', () => {
  test('begins with the user’s message and ends with one terminal event', async () => {
    const { send, attach, led, status } = await hosting()
    const viewer = await attach()
    const result = await send('hi')
    const run = await led.call(1)
    run.say(...said('t1', 'hel', 'lo'))
    run.end()
    await until(status, isIdle)
    expect(types(viewer.events())).toEqual([
      'RUN_STARTED',
      'TEXT_MESSAGE_START',
      'TEXT_MESSAGE_CONTENT',
      'TEXT_MESSAGE_END',
      'RUN_FINISHED',
    ])
    expect(viewer.events()[0]).toMatchObject({
      runId: (result as { run: string }).run,
      input: { messages: [{ id: 'm1', content: 'hi' }] },
      metadata: { throughline: { by: 'alice' } },
    })
    expect(viewer.transcript().messages.map(({ role, parts }) => [role, parts])).toMatchObject([
      ['user', [{ text: 'hi' }]],
      ['assistant', [{ type: 'text', text: 'hello' }]],
    ])
  })

  test('goes on with nobody attached', async () => {
    const { send, attach, led, status } = await hosting()
    const viewer = await attach()
    await send('hi')
    const run = await led.call(1)
    viewer.watch.close()
    run.say(...said('t1', 'hello'))
    run.end()
    await until(status, isIdle)
    const later = await attach()
    expect(later.transcript().messages.at(-1)?.parts).toMatchObject([{ text: 'hello' }])
    expect(viewer.events()).toHaveLength(1)
  })

  test('that throws ends as an error with its message', async () => {
    const { send, attach, led, status } = await hosting()
    const viewer = await attach()
    await send('hi')
    ;(await led.call(1)).fail(new Error('no credit left'))
    await until(status, isIdle)
    expect(viewer.transcript().runs.at(-1)?.state).toMatchObject({
      status: 'error',
      code: 'agent_error',
      message: expect.stringContaining('no credit left') as string,
    })
  })

  test('is given everything that was said before', async () => {
    const { send, led, status } = await hosting()
    await send('one')
    const first = await led.call(1)
    first.say(...said('t1', 'first answer'))
    first.end()
    await until(status, isIdle)
    await send('two')
    const second = await led.call(2)
    expect(second.given.messages).toMatchObject([{ content: 'one' }, { content: 'first answer' }, { content: 'two' }])
  })

  test('gives the session its title where it has none', async () => {
    const { host, send, session } = await hosting()
    await send('Plan three days in Rome,\n please')
    expect((await host.entry('alice', session)).title).toBe('Plan three days in Rome, please')
  })

  test('gives it a title that is cut between characters', async () => {
    const { host, send, session } = await hosting()
    await send(`${'x'.repeat(58)}😀😀😀`)
    expect((await host.entry('alice', session)).title).toBe(`${'x'.repeat(58)}…`)
  })

  test('tells the embedding app how it ended', async () => {
    const { host, send, led } = await hosting()
    const ends: unknown[] = []
    host.on('runEnd', (end) => ends.push(end))
    host.on('runEnd', () => {
      throw new Error('a listener that throws')
    })
    await send('hi')
    ;(await led.call(1)).end()
    await until(
      () => ends.length,
      (count) => count === 1,
    )
    expect(ends).toMatchObject([{ outcome: 'success' }])
  })
})

describe('a message while a run is under way', () => {
  test('waits for its turn, and starts when the run ends', async () => {
    const { send, attach, led } = await hosting()
    const viewer = await attach()
    await send('one')
    expect(await send('two')).toEqual({ queued: 1 })
    expect(await send('three')).toEqual({ queued: 2 })
    expect(viewer.transcript().queue.map(({ message }) => message.content)).toEqual(['two', 'three'])
    ;(await led.call(1)).end()
    const second = await led.call(2)
    expect(second.given.messages.at(-1)).toMatchObject({ content: 'two' })
    expect(viewer.transcript().queue.map(({ message }) => message.content)).toEqual(['three'])
  })

  test('is refused where it asks for that', async () => {
    const { send, led } = await hosting()
    await send('one')
    await led.call(1)
    await expect(send('two', { whenBusy: 'refuse' })).rejects.toMatchObject({ code: 'busy' })
  })

  test('interrupts: the run stops, and it starts before what waited already', async () => {
    const { send, led } = await hosting()
    await send('one')
    await led.call(1)
    await send('two')
    expect(await send('three', { whenBusy: 'interrupt' })).toEqual({ queued: 1 })
    const second = await led.call(2)
    expect(second.given.messages.at(-1)).toMatchObject({ content: 'three' })
    second.end()
    expect((await led.call(3)).given.messages.at(-1)).toMatchObject({ content: 'two' })
  })

  test('can be taken back, once', async () => {
    const { send, command, attach, led } = await hosting()
    const viewer = await attach()
    await send('one')
    await led.call(1)
    await send('two')
    expect(await command({ type: 'unqueue', message: 'm2' })).toEqual({ removed: true })
    expect(await command({ type: 'unqueue', message: 'm2' })).toEqual({ removed: false })
    expect(viewer.transcript().queue).toEqual([])
  })

  test('is refused where what waits with it is more than the queue holds', async () => {
    const { send, led } = await hosting({ limits: { queueBytes: 1000 } })
    await send('one')
    await led.call(1)
    const input = { context: [{ description: 'much', value: 'x'.repeat(2000) }] }
    await send('two', { input })
    await expect(send('three', { input })).rejects.toMatchObject({ code: 'queue_full' })
  })

  test('is refused where more would wait behind it than the queue holds, also where it interrupts', async () => {
    const { send, led } = await hosting({ limits: { queueBytes: 1000 } })
    await send('one')
    await led.call(1)
    await send('x'.repeat(2000))
    await expect(send('two', { whenBusy: 'interrupt' })).rejects.toMatchObject({ code: 'queue_full' })
  })

  test('is refused where more would wait than the queue holds', async () => {
    const { send, led } = await hosting({ limits: { queueBytes: 1000 } })
    await send('one')
    await led.call(1)
    await send('x'.repeat(2000))
    await send('y'.repeat(500))
    await expect(send('z'.repeat(500))).rejects.toMatchObject({ code: 'queue_full' })
  })
})

describe('a command', () => {
  test('takes effect once, however often it is sent', async () => {
    const { command, led, attach } = await hosting()
    const viewer = await attach()
    const frame = { type: 'send', id: 'once', message: { id: 'once', role: 'user', content: 'hi' } }
    const [first, second] = await Promise.all([command(frame), command(frame)])
    ;(await led.call(1)).end()
    await until(
      () => viewer.transcript().runs.at(-1)?.state.status,
      (status) => status === 'success',
    )
    expect(second).toEqual(first)
    expect(await command(frame)).toEqual(first)
    expect(viewer.transcript().runs).toHaveLength(1)
  })

  test('that is sent again before its effect is stored gets the same answer', async () => {
    const memory = createMemoryStore()
    const store = new Proxy(memory, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (name !== 'append') return typeof value === 'function' ? (value.bind(target) as unknown) : value
        return async (...args: Parameters<Store['append']>) => {
          for (let turns = 10; turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve))
          return memory.append(...args)
        }
      },
    })
    const { command } = await hosting({ store })
    const frame = { type: 'send', id: 'once', message: { id: 'once', role: 'user', content: 'hi' } }
    const [first, second] = await Promise.all([command(frame), command(frame)])
    expect(second).toEqual(first)
  })

  test('takes effect in the order in which it was given, however long the store takes to look for it', async () => {
    const memory = createMemoryStore()
    let delay = 10
    const store = new Proxy(memory, {
      get: (target, name) => {
        const value: unknown = Reflect.get(target, name)
        if (name !== 'command') return typeof value === 'function' ? (value.bind(target) as unknown) : value
        return async (...args: Parameters<Store['command']>) => {
          for (let turns = (delay -= 2); turns > 0; turns -= 1) await new Promise((resolve) => setImmediate(resolve))
          return memory.command(...args)
        }
      },
    })
    const { send, attach, led } = await hosting({ store })
    const viewer = await attach()
    await send('first')
    await led.call(1)
    delay = 10
    await Promise.all([send('a'), send('b'), send('c'), send('d')])
    expect(viewer.transcript().queue.map(({ message }) => message.content)).toEqual(['a', 'b', 'c', 'd'])
  })

  test('of the same id with another body is a conflict, also while the first is under way', async () => {
    const { command } = await hosting()
    const frame = (content: string) => ({ type: 'send', id: 'once', message: { id: 'once', role: 'user', content } })
    const first = command(frame('one'))
    await expect(command(frame('two'))).rejects.toMatchObject({ code: 'id_conflict' })
    await first
    await expect(command(frame('two'))).rejects.toMatchObject({ code: 'id_conflict' })
  })

  test('of the same id by another principal is another command', async () => {
    const { host, session, command } = await hosting()
    await command({ type: 'send', id: 'once', message: { id: 'once', role: 'user', content: 'hi' } })
    await expect(host.command('mallory', { type: 'stop', id: 'once', session, run: 'x' })).rejects.toMatchObject({
      code: 'session_not_found',
    })
  })

  test('with a message id that the session has is refused', async () => {
    const { host, session, send, led, status } = await hosting()
    await send('one')
    ;(await led.call(1)).end()
    await until(status, isIdle)
    const message = { id: 'm1', role: 'user', content: 'again' } as const
    await expect(host.command('alice', { type: 'send', id: 'm1', session, message })).rejects.toMatchObject({ code: 'id_conflict' })
    await expect(host.send(session, message, { by: 'bob' })).rejects.toMatchObject({ code: 'id_taken' })
  })

  test.each([
    ['of something that the agent said', 't1'],
    ['of a tool’s result', 'r1'],
    ['of the message that holds a tool call', 'p1'],
  ])('with the id %s is refused: the message would have no place', async (_what, id) => {
    const { send, host, session, led, status } = await hosting()
    await send('one')
    const run = await led.call(1)
    run.say(...said('t1', 'answer'), { type: 'TOOL_CALL_START', toolCallId: 'k1', toolCallName: 'look', parentMessageId: 'p1' })
    run.say({ type: 'TOOL_CALL_END', toolCallId: 'k1' }, { type: 'TOOL_CALL_RESULT', toolCallId: 'k1', messageId: 'r1', content: 'x' })
    run.end()
    await until(status, isIdle)
    await expect(host.send(session, { id, role: 'user', content: 'two' })).rejects.toMatchObject({ code: 'id_taken' })
  })

  test('identical texts stay two messages', async () => {
    const { send, led, attach } = await hosting()
    const viewer = await attach()
    await send('same')
    ;(await led.call(1)).end()
    await send('same')
    ;(await led.call(2)).end()
    await until(
      () => viewer.transcript().messages.filter(({ role }) => role === 'user').length,
      (count) => count === 2,
    )
  })
})

describe('stop', () => {
  test('aborts the agent, keeps what it said, and ends the run as cancelled', async () => {
    const { send, command, attach, led } = await hosting()
    const viewer = await attach()
    const { run } = (await send('hi')) as { run: string }
    const called = await led.call(1)
    called.say({ type: 'TEXT_MESSAGE_START', messageId: 't1' }, { type: 'TEXT_MESSAGE_CONTENT', messageId: 't1', delta: 'par' })
    await until(
      () => viewer.events().length,
      (count) => count === 3,
    )
    expect(await command({ type: 'stop', run })).toEqual({ stopped: true })
    await until(
      () => viewer.transcript().runs.at(-1)?.state.status,
      (status) => status === 'cancelled',
    )
    expect(called.given.signal.aborted).toBe(true)
    expect(viewer.transcript().messages.at(-1)?.parts).toMatchObject([{ text: 'par' }])
    expect(types(viewer.events()).filter((type) => type.startsWith('RUN_'))).toEqual(['RUN_STARTED', 'RUN_FINISHED'])
  })

  test('of a run that ended changes nothing, and says so', async () => {
    const { send, command, led, status } = await hosting()
    const { run } = (await send('hi')) as { run: string }
    ;(await led.call(1)).end()
    await until(status, isIdle)
    expect(await command({ type: 'stop', run })).toEqual({ stopped: false, reason: 'not_running' })
  })

  test('that arrives late does not end a later run', async () => {
    const { send, command, led, status } = await hosting()
    const { run } = (await send('one')) as { run: string }
    ;(await led.call(1)).end()
    await until(status, isIdle)
    await send('two')
    const second = await led.call(2)
    expect(await command({ type: 'stop', run })).toEqual({ stopped: false, reason: 'not_running' })
    expect(second.given.signal.aborted).toBe(false)
  })

  test('during start-up still stops the run, and the agent is never called', async () => {
    const { send, command, attach, led, status } = await hosting()
    const viewer = await attach()
    const sent = send('hi')
    const stopped = command({ type: 'stop', message: 'm1' })
    await sent
    expect(await stopped).toEqual({ stopped: true })
    await until(status, isIdle)
    expect(viewer.transcript().runs.at(-1)?.state.status).toBe('cancelled')
    expect(led.runs.every(({ given }) => given.signal.aborted)).toBe(true)
  })

  test('of an agent that does not hear frees the session after ten seconds, and what it says later is in no run', async () => {
    const timers = manualTimers()
    const working = gate()
    let calls = 0
    const deaf: Agent = {
      name: 'deaf',
      async *run() {
        calls += 1
        const words = calls === 1 ? 'late' : 'new'
        if (calls === 1) await working.opened
        yield* said(words, words)
      },
    }
    const { send, command, attach, status } = await hosting({ agents: [deaf], timers })
    const viewer = await attach()
    const { run } = (await send('one')) as { run: string }
    await timers.advance(60_000)
    await command({ type: 'stop', run })
    expect(await send('two')).toEqual({ queued: 1 })
    await timers.advance(9_999)
    expect(await status()).toBe('stopping')
    await timers.advance(1)
    await until(
      async () => {
        await timers.advance(0)
        return status()
      },
      (now) => now === 'idle',
    )
    working.open()
    await turn()
    expect(viewer.transcript().runs.map(({ state }) => state.status)).toEqual(['cancelled', 'success'])
    expect(JSON.stringify(viewer.transcript().messages)).not.toContain('late')
  })

  test('by a message that waits takes it out of the queue', async () => {
    const { send, command, attach, led } = await hosting()
    const viewer = await attach()
    await send('one')
    const first = await led.call(1)
    await send('two')
    expect(await command({ type: 'stop', message: 'm2' })).toEqual({ stopped: true })
    expect(viewer.transcript().queue).toEqual([])
    expect(first.given.signal.aborted).toBe(false)
  })

  test('twice stops once', async () => {
    const { send, command, led } = await hosting()
    const { run } = (await send('hi')) as { run: string }
    await led.call(1)
    expect(await command({ type: 'stop', run })).toEqual({ stopped: true })
    expect(await command({ type: 'stop', run })).toEqual({ stopped: false, reason: 'not_running' })
  })

  test('by the embedding app takes what waits with it', async () => {
    const { host, session, send, led, status } = await hosting()
    await send('one')
    await led.call(1)
    await send('two')
    await host.stop(session)
    await until(status, isIdle)
    expect(led.runs).toHaveLength(1)
  })
})

describe('edit and regenerate', () => {
  test('an edit drops the old message and all after it', async () => {
    const { send, attach, led, status } = await hosting()
    const viewer = await attach()
    await send('one')
    const first = await led.call(1)
    first.say(...said('t1', 'old answer'))
    first.end()
    await until(status, isIdle)
    await send('better', { replaces: 'm1' })
    const second = await led.call(2)
    expect(second.given.messages).toMatchObject([{ content: 'better' }])
    expect(viewer.transcript().messages.map(({ id }) => id)).toEqual(['m2'])
  })

  test('a regenerate keeps the question and asks it again', async () => {
    const { send, command, attach, led, status } = await hosting()
    const viewer = await attach()
    const { run } = (await send('one')) as { run: string }
    const first = await led.call(1)
    first.say(...said('t1', 'old answer'))
    first.end()
    await until(status, isIdle)
    await command({ type: 'send', replaces: run })
    const second = await led.call(2)
    expect(second.given.messages).toMatchObject([{ content: 'one' }])
    expect(viewer.transcript().messages.map(({ id }) => id)).toEqual(['m1'])
  })

  test('is refused while a run is under way', async () => {
    const { send, led } = await hosting()
    await send('one')
    await led.call(1)
    await expect(send('better', { replaces: 'm1' })).rejects.toMatchObject({ code: 'busy' })
  })

  test('stops the run under way where it asks for that, and goes before the queue', async () => {
    const { send, led } = await hosting()
    await send('one')
    await led.call(1)
    await send('two')
    const edited = send('better', { replaces: 'm1', whenBusy: 'interrupt' })
    expect(await edited).toMatchObject({ run: expect.stringMatching(/^run_/) as string })
    const second = await led.call(2)
    expect(second.given.messages).toMatchObject([{ content: 'better' }])
    second.end()
    expect((await led.call(3)).given.messages.at(-1)).toMatchObject({ content: 'two' })
  })

  test('that waits for a run to end is answered also where the session is deleted meanwhile', async () => {
    const working = gate()
    const deaf: Agent = {
      name: 'deaf',
      async *run() {
        await working.opened
        yield* []
      },
    }
    const { host, session, send, status } = await hosting({ agents: [deaf] })
    await send('hi')
    const refused = expect(send('better', { replaces: 'm1', whenBusy: 'interrupt' })).rejects.toMatchObject({ code: 'unavailable' })
    await until(status, (now) => now === 'stopping')
    await host.delete('alice', session)
    await refused
    working.open()
  })

  test('of a message that waits is refused, and drops nothing', async () => {
    const { send, attach, led } = await hosting()
    const viewer = await attach()
    await send('one')
    await led.call(1)
    await send('two')
    await expect(send('better', { replaces: 'm2', whenBusy: 'interrupt' })).rejects.toMatchObject({ code: 'invalid' })
    expect(viewer.transcript().messages.map(({ id }) => id)).toContain('m1')
  })

  test('of a message that is not there is refused', async () => {
    const { send } = await hosting()
    await expect(send('better', { replaces: 'nothing' })).rejects.toMatchObject({ code: 'invalid' })
  })
})
