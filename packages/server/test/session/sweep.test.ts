import type { BatchFrame, SessionEvent } from '@throughline/sdk/protocol'
import { describe, expect, test } from 'vitest'
import type { Agent } from '../../src/agent/contract.ts'
import { Host } from '../../src/session/host.ts'
import type { Refusal } from '../../src/session/refusal.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import type { Store } from '../../src/store/port.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { manualTimers, turn } from '../manual-timers.ts'
import { alteredStore, heldStore } from './altered-store.ts'
import { hosting, ledAgent, until } from './hosting.ts'

const DAY_MS = 24 * 60 * 60 * 1000

describe('the sweep', () => {
  async function aged(ageMs: number, open: boolean, status: 'idle' | 'running' | 'watched' = 'idle') {
    const timers = manualTimers()
    const hosted = await hosting({ timers })
    if (!open) await hosted.host.update('alice', hosted.session, { open: false })
    if (status === 'running') await hosted.send('hi')
    if (status === 'watched') await hosted.attach()
    timers.jump(ageMs)
    const gone = await hosted.host.sweep()
    return { ...hosted, gone }
  }

  test.each([
    ['an idle, closed session after a day', DAY_MS, false, 'idle', 'goes'],
    ['an idle, closed session before that', DAY_MS - 60_000, false, 'idle', 'stays'],
    ['an idle, open session after a day', DAY_MS, true, 'idle', 'stays'],
    ['an idle, open session after 90 days', 90 * DAY_MS, true, 'idle', 'goes'],
    ['a session that runs, however old', 91 * DAY_MS, true, 'running', 'stays'],
    ['a session that is watched, however old', 91 * DAY_MS, true, 'watched', 'stays'],
  ] as const)('%s %s', async (_what, ageMs, open, status, fate) => {
    const { store, session } = await aged(ageMs, open, status)
    expect((await store.find(session)).kind).toBe(fate === 'goes' ? 'expired' : 'found')
  })

  test('goes past a session that cannot be removed', async () => {
    const timers = manualTimers()
    let broken = ''
    const store = alteredStore(createMemoryStore(), (memory) => ({
      remove: async (id, at) => {
        if (id === broken) throw new StoreError('corrupt', 'damaged')
        return memory.remove(id, at)
      },
    }))
    const { host, session } = await hosting({ timers, store })
    broken = session
    await timers.advance(1)
    const other = await host.create('alice', { key: 'two' })
    timers.jump(91 * DAY_MS)
    expect(await host.sweep()).toBe(1)
    expect((await store.find(other.session.id)).kind).toBe('expired')
  })

  test('spares a session that was used while it went round', async () => {
    const timers = manualTimers()
    const { store, hold, open } = heldStore('find')
    const { host, session } = await hosting({ timers, store })
    timers.jump(90 * DAY_MS)
    hold()
    const swept = host.sweep()
    await turn()
    await store.change(session, { updatedAt: timers.now() })
    open()
    expect(await swept).toBe(0)
    expect((await store.find(session)).kind).toBe('found')
  })

  /** A session whose agent waits for an answer, and what its journal held when it was removed. */
  async function asked(inner: Store = createMemoryStore()) {
    const timers = manualTimers()
    let last: readonly SessionEvent[] = []
    const store = alteredStore(inner, (memory) => ({
      remove: async (...args) => {
        const batches = await memory.read(args[0], 0, Number.MAX_SAFE_INTEGER)
        last = batches.flatMap(({ frame }) => (JSON.parse(frame.toString()) as BatchFrame).events)
        return memory.remove(...args)
      },
    }))
    const asking: Agent = {
      name: 'asking',
      async *run({ ask }) {
        await ask({ message: 'well?' })
      },
    }
    const hosted = await hosting({ timers, store, agents: [asking] })
    await hosted.send('hi')
    await until(
      async () => {
        await timers.advance(0)
        return hosted.status()
      },
      (now) => now === 'waiting',
    )
    return { ...hosted, timers, last: () => last }
  }
  const cancelled = { name: 'throughline/answered', value: { status: 'cancelled', by: 'host' } }

  test('takes a session whose question nobody answered in 90 days, though its agent still waits: it is answered `cancelled` first', async () => {
    const { host, store, session, timers, last } = await asked()
    timers.jump(89 * DAY_MS)
    expect(await host.sweep()).toBe(0)
    timers.jump(2 * DAY_MS)
    expect(await host.sweep()).toBe(1)
    expect((await store.find(session)).kind).toBe('expired')
    expect(last().at(-1)).toMatchObject(cancelled)
  })

  test('answers such a question also where the session has left memory, and where it is looked up', async () => {
    const { host, session, timers, store, last } = await asked()
    await host.close()
    const next = await hosting({ timers, store })
    await timers.advance(60_000)
    timers.jump(91 * DAY_MS)
    await expect(next.host.entry('alice', session)).rejects.toMatchObject({ code: 'session_expired' })
    expect(last().at(-1)).toMatchObject(cancelled)
  })

  /** A client that comes while such a session is being removed, and what it is told. */
  async function lateClient({
    host,
    session,
    attach,
    send,
  }: Pick<Awaited<ReturnType<typeof asked>>, 'host' | 'session' | 'attach' | 'send'>) {
    const codeOf = (asking: Promise<unknown>) =>
      asking.then(
        () => 'accepted',
        (error: Refusal) => error.code,
      )
    const appended = host.append(session, { name: 'note', value: 1 })
    return Promise.all([codeOf(attach()), codeOf(send('please go on')), codeOf(appended)])
  }

  test('lets nobody in while the question is answered: what was accepted then would be lost', async () => {
    const { store: inner, hold, open } = heldStore('append')
    const { host, session, timers, store, attach, send } = await asked(inner)
    timers.jump(91 * DAY_MS)
    hold()
    const swept = host.sweep()
    await turn()
    const late = lateClient({ host, session, attach, send })
    await turn()
    open()
    expect(await swept).toBe(1)
    expect(await late).toEqual(['session_expired', 'session_expired', 'session_expired'])
    expect((await store.find(session)).kind).toBe('expired')
  })

  test.each([...Array(30).keys()])('or while the session is loaded for that: who comes %i ticks after the look-up', async (ticks) => {
    const { host, session, timers, store } = await asked()
    await host.close()
    const next = await hosting({ timers, store })
    await timers.advance(60_000)
    timers.jump(91 * DAY_MS)
    const looked = next.host.entry('alice', session).catch(() => {})
    for (let n = 0; n < ticks; n++) await Promise.resolve()
    const codes = await lateClient(next)
    await looked
    // The app may use what is too old, and what it uses stays.
    expect((await store.find(session)).kind).toBe(codes.includes('accepted') ? 'found' : 'expired')
  })

  test.each([...Array(12).keys()])('or who had got hold of the session just before: %i ticks after the sweep began', async (ticks) => {
    const hosted = await asked()
    hosted.timers.jump(91 * DAY_MS)
    const swept = hosted.host.sweep()
    for (let n = 0; n < ticks; n++) await Promise.resolve()
    const codes = await lateClient(hosted)
    const fate = codes.includes('accepted') ? 0 : 1
    expect(await swept).toBe(fate)
    expect((await hosted.store.find(hosted.session)).kind).toBe(fate === 0 ? 'found' : 'expired')
  })

  test('spares a session to which the app is just appending', async () => {
    const timers = manualTimers()
    const { store, hold, open } = heldStore('append')
    const { host, session } = await hosting({ timers, store })
    timers.jump(91 * DAY_MS)
    hold()
    const appended = host.append(session, { name: 'note', value: 1 })
    await turn()
    const swept = host.sweep()
    await turn()
    open()
    await appended
    expect(await swept).toBe(0)
    expect((await store.find(session)).kind).toBe('found')
  })

  test('takes such a session also where it cannot be loaded any more', async () => {
    const { host, session, timers, store } = await asked()
    await host.close()
    const broken = alteredStore(store, () => ({ bounds: () => Promise.reject(new StoreError('corrupt', 'damaged')) }))
    const next = new Host({ store: broken, agents: [ledAgent().agent], timers })
    await next.start()
    timers.jump(91 * DAY_MS)
    expect(await next.sweep()).toBe(1)
    expect((await store.find(session)).kind).toBe('expired')
  })

  test('what is too old is gone also when it is looked up before the sweep comes by', async () => {
    const timers = manualTimers()
    const { host, store, session } = await hosting({ timers, retention: { openMs: 10_000 } })
    timers.jump(9000)
    expect(await host.entry('alice', session)).toMatchObject({ id: session })
    timers.jump(100_000)
    await expect(host.entry('alice', session)).rejects.toMatchObject({ code: 'session_expired' })
    expect((await store.find(session)).kind).toBe('expired')
  })

  test('nobody else learns that there was a session', async () => {
    const { host, session } = await aged(90 * DAY_MS, true)
    await expect(host.entry('mallory', session)).rejects.toMatchObject({ code: 'session_not_found' })
  })

  test('upkeep does not change when a session was last used', async () => {
    const { host, session } = await hosting()
    const before = await host.entry('alice', session)
    await host.update('alice', session, { title: 'Rome', position: 1 })
    await host.sweep()
    expect((await host.entry('alice', session)).updatedAt).toBe(before.updatedAt)
  })
})
