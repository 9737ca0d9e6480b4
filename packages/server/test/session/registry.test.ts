import { describe, expect, test } from 'vitest'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import type { Store } from '../../src/store/port.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { manualTimers, turn } from '../manual-timers.ts'
import { alteredStore } from './altered-store.ts'
import { hosting, said, until } from './hosting.ts'

const isIdle = (status: string) => status === 'idle'

/** Whether a node may take the session, since nobody holds its lease. */
const isFree = async (store: Store, session: string) => (await store.lease(session, 'another', 1)) !== undefined

describe('a session that nobody needs', () => {
  test('is let go of after half a minute, whole, and comes back when somebody asks', async () => {
    const timers = manualTimers()
    const { host, store, session, send, led, status } = await hosting({ timers, store: createMemoryStore({ now: timers.now }) })
    await send('hi')
    const run = await led.call(1)
    run.say(...said('t1', 'hello'))
    run.end()
    await until(status, isIdle)
    await timers.advance(20_000)
    expect(await isFree(store, session)).toBe(false)
    await timers.advance(30_000)
    expect(await isFree(store, session)).toBe(true)
    expect((await store.snapshot(session))?.seq).toBe((await store.bounds(session))?.head)
    await store.release(session, 'another')
    const { snapshot } = await host.read('alice', session)
    expect(snapshot.transcript.messages).toHaveLength(2)
  })

  test('is kept while somebody watches', async () => {
    const timers = manualTimers()
    const { store, session, attach } = await hosting({ timers, store: createMemoryStore({ now: timers.now }) })
    const { watch } = await attach()
    await timers.advance(120_000)
    expect(await isFree(store, session)).toBe(false)
    watch.close()
    await timers.advance(60_000)
    expect(await isFree(store, session)).toBe(true)
  })
})

test('a session that many ask for at once is loaded once', async () => {
  let loads = 0
  const store = alteredStore(createMemoryStore(), (memory) => ({
    lease: async (...args) => {
      loads += 1
      return memory.lease(...args)
    },
  }))
  const { attach, send } = await hosting({ store })
  await Promise.all([attach(), attach(), send('hi')])
  expect(loads).toBe(1)
})

test('a session that could not be loaded is loaded when it is asked for again', async () => {
  let isBroken = true
  const store = alteredStore(createMemoryStore(), (memory) => ({
    bounds: async (...args) => {
      if (isBroken) throw new StoreError('unavailable', 'the disk is away')
      return memory.bounds(...args)
    },
  }))
  const { attach } = await hosting({ store })
  await expect(attach()).rejects.toThrow('the disk is away')
  isBroken = false
  expect((await attach()).attached()).toHaveLength(1)
})

test('a session whose lease another node took is given up: its agent is stopped, and who watches comes back', async () => {
  const timers = manualTimers()
  const store = createMemoryStore({ now: timers.now })
  const { session, send, led, attach } = await hosting({ timers, store })
  const viewer = await attach()
  await send('hi')
  const run = await led.call(1)
  timers.jump(60_000)
  expect(await isFree(store, session)).toBe(true)
  await timers.advance(0)
  await turn()
  expect(viewer.frames.at(-1)).toMatchObject({ type: 'detached', session, reason: 'store' })
  expect(run.given.signal.aborted).toBe(true)
})
