import { describe, expect, test } from 'vitest'
import { Host } from '../../src/session/host.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { manualTimers, turn } from '../manual-timers.ts'
import { alteredStore, heldStore } from './altered-store.ts'
import { gate } from './gate.ts'
import { hosting, ledAgent, until, viewing } from './hosting.ts'

const message = (id: string) => ({ type: 'send', id, message: { id, role: 'user', content: 'hi' } }) as const

describe('a host that starts', () => {
  test('and is closed meanwhile stays closed', async () => {
    const { store, hold, open } = heldStore('unsettled')
    hold()
    const host = new Host({ store, agents: [ledAgent().agent] })
    const started = host.start()
    const closed = host.close()
    open()
    await Promise.allSettled([started, closed])
    await expect(host.create('alice', {})).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('is started once', async () => {
    const host = new Host({ store: createMemoryStore(), agents: [ledAgent().agent] })
    await host.start()
    await expect(host.start()).rejects.toThrow('started')
  })
})

describe('a host that goes down', () => {
  test('is down when the first of two who close it is told, and not before for the second', async () => {
    const { store, hold, open } = heldStore('release')
    hold()
    const { host, send, led, status } = await hosting({ store })
    await send('hi')
    ;(await led.call(1)).end()
    await until(status, (now) => now === 'idle')
    let isSecondTold = false
    const first = host.close()
    const second = host.close().then(() => (isSecondTold = true))
    await turn()
    expect(isSecondTold).toBe(false)
    open()
    await Promise.all([first, second])
  })

  test('stores what it can, where one session cannot be stored', async () => {
    let broken = ''
    const store = alteredStore(createMemoryStore(), (memory) => ({
      append: async (append) => {
        if (append.session === broken) throw new StoreError('closed', 'the disk is gone')
        return memory.append(append)
      },
    }))
    const { host, session, send, led } = await hosting({ store })
    await send('hi')
    await led.call(1)
    const other = await host.create('alice', { key: 'two' })
    await host.command('alice', { ...message('other'), session: other.session.id })
    await led.call(2)
    broken = session
    await host.close()
    expect(await store.find(other.session.id)).toMatchObject({ record: { status: 'idle', last: { code: 'interrupted' } } })
  })

  test('refuses a command that was on its way, and starts nothing more', async () => {
    const { store, hold, open } = heldStore('command')
    hold()
    const { host, session, send, led } = await hosting({ store })
    const sent = send('hi')
    const refused = expect(sent).rejects.toMatchObject({ code: 'unavailable', retryMs: expect.any(Number) as number })
    await turn()
    const closed = host.close()
    await turn()
    open()
    await refused
    await closed
    expect(led.runs).toEqual([])
    expect((await store.bounds(session))?.head).toBe(0)
  })

  test('lets go of a session that is just being loaded', async () => {
    const { store, hold, open } = heldStore('bounds')
    hold()
    const { host, session, send } = await hosting({ store })
    const sent = expect(send('hi')).rejects.toMatchObject({ code: 'unavailable' })
    await turn()
    const closed = host.close()
    open()
    await Promise.all([sent, closed])
    expect(await store.lease(session, 'another node', 1000)).toBeDefined()
  })

  test('leaves no timer behind', async () => {
    const timers = manualTimers()
    const renewing = gate()
    let renewals = 0
    const store = alteredStore(createMemoryStore(), (memory) => ({
      lease: async (...args) => {
        if ((renewals += 1) === 2) await renewing.opened
        return memory.lease(...args)
      },
    }))
    const { host, attach } = await hosting({ timers, store })
    await attach()
    await timers.advance(10_000)
    expect(renewals).toBe(2)
    await host.close()
    renewing.open()
    await turn()
    expect(timers.waiting()).toBe(0)
  })
})

describe('a session whose store fails', () => {
  /** A store that loses one session's appends from now on. */
  function breakable() {
    let broken = ''
    const store = alteredStore(createMemoryStore(), (memory) => ({
      append: async (append) => {
        if (append.session === broken) throw new StoreError('closed', 'the disk is gone')
        return memory.append(append)
      },
    }))
    return { store, break: (session: string) => (broken = session) }
  }

  test('tells also the viewer that is just attaching', async () => {
    const reading = gate()
    const { store: inner, ...fate } = breakable()
    let isSlow = false
    const store = alteredStore(inner, (memory) => ({
      markAt: async (...args) => {
        if (isSlow) await reading.opened
        return memory.markAt(...args)
      },
    }))
    const { host, session, send, led } = await hosting({ store })
    await send('hi')
    const run = await led.call(1)
    const { snapshot } = await host.read('alice', session)
    await host.append(session, { name: 'app/price', value: 1 })
    isSlow = true
    const viewer = viewing()
    const attached = host.attach('alice', { type: 'attach', id: 'a', session, cursor: snapshot.cursor }, viewer.link)
    await turn()
    fate.break(session)
    run.end()
    await turn()
    reading.open()
    await attached
    expect(viewer.frames.at(-1)).toMatchObject({ type: 'detached', session, reason: 'store' })
  })

  test('does not tell viewers where the store is', async () => {
    let isBroken = false
    const store = alteredStore(createMemoryStore(), (memory) => ({
      messages: async (...args) => {
        if (isBroken) throw new StoreError('unavailable', '/var/lib/secret.db: it cannot be reached')
        return memory.messages(...args)
      },
    }))
    const long = 'x'.repeat(120_000)
    const { send, attach, led, status } = await hosting({ store })
    for (let turns = 1; turns <= 12; turns += 1) {
      await send(long)
      ;(await led.call(turns)).end()
      await until(status, (now) => now === 'idle')
    }
    const viewer = await attach()
    isBroken = true
    await send('hi')
    await until(
      () => viewer.transcript().runs.at(-1)?.state.status,
      (now) => now === 'error',
    )
    expect(JSON.stringify(viewer.events())).not.toContain('secret.db')
  })
})
