import type { ContentPart, DirectoryFrame } from '@throughline/sdk/protocol'
import { describe, expect, test } from 'vitest'
import type { Agent } from '../../src/agent/contract.ts'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { manualTimers, turn } from '../manual-timers.ts'
import { alteredStore, gate } from './altered-store.ts'
import { hosting, until, viewing } from './hosting.ts'

const DAY_MS = 24 * 60 * 60 * 1000

describe('the catalogue', () => {
  test('mints ids, and gives the session of a key instead of another', async () => {
    const { host, session } = await hosting()
    const again = await host.create('alice', { key: 'one', title: 'ignored' })
    expect(again).toMatchObject({ created: false, session: { id: session } })
    const other = await host.create('bob', { key: 'one' })
    expect(other.created).toBe(true)
    expect(other.session.id).not.toBe(session)
  })

  test('refuses an agent that there is not', async () => {
    const { host } = await hosting()
    await expect(host.create('alice', { agent: 'nobody' })).rejects.toMatchObject({ code: 'invalid' })
  })

  test('lists a principal’s own sessions only', async () => {
    const { host, session } = await hosting()
    await host.create('bob', {})
    expect((await host.list('alice', {})).sessions.map(({ id }) => id)).toEqual([session])
  })

  test('answers for somebody else’s session as for one that does not exist', async () => {
    const { host, session } = await hosting()
    const [foreign, unknown] = await Promise.allSettled([host.entry('mallory', session), host.entry('mallory', 'ses_0')])
    expect(foreign).toMatchObject({ status: 'rejected', reason: { code: 'session_not_found' } })
    expect(unknown).toMatchObject({ status: 'rejected', reason: { code: 'session_not_found' } })
  })

  test('keeps title, place and settings of a session', async () => {
    const { host, session } = await hosting()
    await host.update('alice', session, { title: 'Rome', position: 3, settings: { model: 'x' } })
    await host.update('alice', session, { position: 4 })
    expect(await host.entry('alice', session)).toMatchObject({ title: 'Rome', position: 4, settings: { model: 'x' }, open: true })
  })

  test('closing takes a session out of the layout and stops what runs in it', async () => {
    const { host, session, send, led, status } = await hosting()
    await send('hi')
    const run = await led.call(1)
    expect(await host.update('alice', session, { open: false })).toMatchObject({ open: false })
    expect(run.given.signal.aborted).toBe(true)
    await until(status, (now) => now === 'idle')
    expect(await host.list('alice', { open: true })).toEqual({ sessions: [] })
    expect((await host.list('alice', {})).sessions).toHaveLength(1)
  })

  test('a session that was closed can be opened again, where it stood', async () => {
    const { host, session } = await hosting()
    await host.update('alice', session, { position: 3 })
    await host.update('alice', session, { open: false })
    expect(await host.update('alice', session, { open: true })).toMatchObject({ open: true, position: 3 })
    expect((await host.list('alice', { open: true })).sessions).toHaveLength(1)
  })

  test('a change that is refused changes nothing', async () => {
    const { host, session, send, led } = await hosting()
    await send('hi')
    const run = await led.call(1)
    await expect(host.update('alice', session, { open: false, title: 'x'.repeat(201) })).rejects.toMatchObject({ code: 'too_large' })
    expect(run.given.signal.aborted).toBe(false)
    expect(await host.entry('alice', session)).toMatchObject({ title: 'hi', open: true })
  })

  test('settings that are too large for a list are refused', async () => {
    const { host, session } = await hosting()
    await expect(host.update('alice', session, { settings: 'x'.repeat(16 * 1024) })).rejects.toMatchObject({ code: 'too_large' })
    await host.update('alice', session, { settings: 'x'.repeat(16 * 1024 - 2) })
    expect(await host.entry('alice', session)).toMatchObject({ settings: expect.any(String) as string })
  })

  test('two changes of a session’s place at once both hold', async () => {
    const { host, session } = await hosting()
    await Promise.all([host.update('alice', session, { position: 7 }), host.update('alice', session, { settings: 'dark' })])
    expect(await host.entry('alice', session)).toMatchObject({ position: 7, settings: 'dark' })
  })

  test('a title that a person gives holds, also while the first message gives one', async () => {
    const storing = gate()
    const store = alteredStore(createMemoryStore(), (memory) => ({
      append: async (append) => {
        await storing.opened
        return memory.append(append)
      },
    }))
    const { host, session, send } = await hosting({ store })
    const sent = send('hi')
    await turn()
    const renamed = host.update('alice', session, { title: 'Rome' })
    await turn()
    storing.open()
    await Promise.all([sent, renamed])
    expect(await host.entry('alice', session)).toMatchObject({ title: 'Rome' })
    expect(await store.find(session)).toMatchObject({ record: { title: 'Rome' } })
  })

  test('a title that a person gives holds, also while the session is being loaded', async () => {
    const loading = gate()
    const store = alteredStore(createMemoryStore(), (memory) => ({
      lease: async (...args) => {
        await loading.opened
        return memory.lease(...args)
      },
    }))
    const { host, session, send } = await hosting({ store })
    const sent = send('hi')
    await turn()
    const renamed = host.update('alice', session, { title: 'Rome' })
    await turn()
    loading.open()
    await Promise.all([sent, renamed])
    expect(await host.entry('alice', session)).toMatchObject({ title: 'Rome' })
    expect(await store.find(session)).toMatchObject({ record: { title: 'Rome' } })
  })

  test('a key whose session became too old gives a new one', async () => {
    const timers = manualTimers()
    const { host, session } = await hosting({ timers })
    timers.jump(91 * DAY_MS)
    const again = await host.create('alice', { key: 'one' })
    expect(again.created).toBe(true)
    expect(again.session.id).not.toBe(session)
    expect(await host.entry('alice', again.session.id)).toMatchObject({ key: 'one' })
  })

  test('a session that is being deleted cannot be had any more', async () => {
    const removing = gate()
    const store = alteredStore(createMemoryStore(), (memory) => ({
      remove: async (...args) => {
        await removing.opened
        return memory.remove(...args)
      },
    }))
    const { host, session, attach } = await hosting({ store })
    await attach()
    const deleted = host.delete('alice', session)
    await turn()
    const late = expect(attach()).rejects.toMatchObject({ code: 'session_not_found' })
    removing.open()
    await deleted
    await late
    await expect(host.entry('alice', session)).rejects.toMatchObject({ code: 'session_not_found' })
  })

  test('deleting tells also those who are just attaching', async () => {
    const loading = gate()
    const store = alteredStore(createMemoryStore(), (memory) => ({
      bounds: async (...args) => {
        await loading.opened
        return memory.bounds(...args)
      },
    }))
    const { host, session } = await hosting({ store })
    const viewer = viewing()
    const attached = host.attach('alice', { type: 'attach', id: 'a', session }, viewer.link)
    await turn()
    const deleted = host.delete('alice', session)
    await turn()
    loading.open()
    await Promise.allSettled([attached, deleted])
    const isRefused =
      (await attached.then(
        () => 'attached',
        () => 'refused',
      )) === 'refused'
    expect(isRefused || viewer.frames.at(-1)?.type === 'detached').toBe(true)
    await expect(host.entry('alice', session)).rejects.toMatchObject({ code: 'session_not_found' })
  })

  test('a session that could not be deleted is still there, and those who watched come back', async () => {
    let isBroken = true
    const store = alteredStore(createMemoryStore(), (memory) => ({
      remove: async (...args) => {
        if (isBroken) throw new StoreError('full', 'the disk is full')
        return memory.remove(...args)
      },
    }))
    const { host, session, attach } = await hosting({ store })
    const viewer = await attach()
    await expect(host.delete('alice', session)).rejects.toThrow('full')
    expect(viewer.frames.at(-1)).toMatchObject({ type: 'detached', session, reason: 'store' })
    expect((await attach()).attached()).toHaveLength(1)
    isBroken = false
    await host.delete('alice', session)
  })

  test('a session that was given up begins nothing more, also where a command was half way', async () => {
    const looking = gate()
    const store = alteredStore(createMemoryStore(), (memory) => ({
      ordinalOf: async (...args) => {
        await looking.opened
        return memory.ordinalOf(...args)
      },
      remove: () => Promise.reject(new StoreError('full', 'the disk is full')),
    }))
    const { host, session, send, led } = await hosting({ store })
    const refused = expect(send('hi')).rejects.toMatchObject({ code: 'unavailable', retryMs: 1000 })
    await turn()
    await expect(host.delete('alice', session)).rejects.toThrow('full')
    looking.open()
    await refused
    expect(led.runs).toEqual([])
    expect(await store.bounds(session)).toMatchObject({ head: 0 })
  })

  test('deleting removes everything, and tells those who watch', async () => {
    const { host, store, session, send, attach, led } = await hosting()
    const viewer = await attach()
    await send('hi')
    await led.call(1)
    await host.delete('alice', session)
    expect(viewer.frames.at(-1)).toMatchObject({ type: 'detached', session, reason: 'deleted' })
    expect(await store.bounds(session)).toBeUndefined()
    await expect(host.entry('alice', session)).rejects.toMatchObject({ code: 'session_not_found' })
  })
})

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
    const looking = gate()
    const store = alteredStore(createMemoryStore(), (memory) => ({
      stale: async (...args) => {
        const found = await memory.stale(...args)
        await looking.opened
        return found
      },
    }))
    const { host, session } = await hosting({ timers, store })
    timers.jump(90 * DAY_MS)
    const swept = host.sweep()
    await turn()
    await store.change(session, { updatedAt: timers.now() })
    looking.open()
    expect(await swept).toBe(0)
    expect((await store.find(session)).kind).toBe('found')
  })

  test('takes a session whose question nobody answered in 90 days, though its agent still waits', async () => {
    const timers = manualTimers()
    const asking: Agent = {
      name: 'asking',
      async *run({ ask }) {
        await ask({ message: 'well?' })
      },
    }
    const { host, store, session, send, status } = await hosting({ timers, agents: [asking] })
    await send('hi')
    await until(
      async () => {
        await timers.advance(0)
        return status()
      },
      (now) => now === 'waiting',
    )
    timers.jump(89 * DAY_MS)
    expect(await host.sweep()).toBe(0)
    timers.jump(2 * DAY_MS)
    expect(await host.sweep()).toBe(1)
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

describe('the directory', () => {
  async function watching() {
    const timers = manualTimers()
    const hosted = await hosting({ timers })
    const frames: DirectoryFrame[] = []
    const stop = hosted.host.watchDirectory('alice', (frame) => frames.push(frame))
    await turn()
    return { ...hosted, timers, frames, stop }
  }

  test('begins with the sessions there are', async () => {
    const { frames, session } = await watching()
    expect(frames).toMatchObject([{ sessions: [{ id: session, status: 'idle' }] }])
  })

  test('tells what changes, at most once a second a session', async () => {
    const { frames, timers, send, led } = await watching()
    await send('hi')
    await timers.advance(1)
    expect(frames.at(-1)).toMatchObject({ sessions: [{ status: 'running', title: 'hi' }] })
    const { length } = frames
    ;(await led.call(1)).end()
    await turn()
    await timers.advance(500)
    expect(frames).toHaveLength(length)
    await timers.advance(600)
    expect(frames.at(-1)).toMatchObject({ sessions: [{ status: 'idle', last: { outcome: 'success' } }] })
  })

  test('tells the newest of a session, whichever look at the store is answered first', async () => {
    const timers = manualTimers()
    const layouts: (() => void)[] = []
    let isSlow = false
    const store = alteredStore(createMemoryStore(), (memory) => ({
      layout: async (...args) => {
        if (isSlow) await new Promise<void>((resolve) => layouts.push(resolve))
        return memory.layout(...args)
      },
    }))
    const { host, send, led, attach } = await hosting({ timers, store })
    await attach()
    const frames: DirectoryFrame[] = []
    host.watchDirectory('alice', (frame) => frames.push(frame))
    await turn()
    isSlow = true
    await send('hi')
    ;(await led.call(1)).end()
    await until(
      async () => (await store.unsettled()).length,
      (count) => count === 0,
    )
    await turn()
    isSlow = false
    for (const answer of layouts.toReversed()) {
      answer()
      await turn()
    }
    await timers.advance(2000)
    expect(frames.at(-1)).toMatchObject({ sessions: [{ status: 'idle' }] })
  })

  test('tells nothing of a session after it is gone', async () => {
    const timers = manualTimers()
    const looking = gate()
    let isSlow = false
    const store = alteredStore(createMemoryStore(), (memory) => ({
      layout: async (...args) => {
        if (isSlow) await looking.opened
        return memory.layout(...args)
      },
    }))
    const { host, session, send, attach } = await hosting({ timers, store })
    await attach()
    const frames: DirectoryFrame[] = []
    host.watchDirectory('alice', (frame) => frames.push(frame))
    await turn()
    isSlow = true
    await send('hi')
    await host.delete('alice', session)
    looking.open()
    await turn()
    await timers.advance(2000)
    expect(frames.at(-1)).toMatchObject({ sessions: [], gone: [session] })
  })

  test('that cannot be listed is listed later', async () => {
    const timers = manualTimers()
    let isBroken = true
    const store = alteredStore(createMemoryStore(), (memory) => ({
      list: async (...args) => {
        if (isBroken) throw new StoreError('unavailable', 'the disk is away')
        return memory.list(...args)
      },
    }))
    const { host, session } = await hosting({ timers, store })
    const frames: DirectoryFrame[] = []
    host.watchDirectory('alice', (frame) => frames.push(frame))
    await turn()
    expect(frames).toEqual([])
    isBroken = false
    await timers.advance(60_000)
    expect(frames).toMatchObject([{ sessions: [{ id: session }] }])
  })

  test('tells nobody who left before the list was there', async () => {
    const { host } = await hosting()
    const frames: DirectoryFrame[] = []
    host.watchDirectory('alice', (frame) => frames.push(frame))()
    await turn()
    expect(frames).toEqual([])
  })

  test('outlives a listener that throws', async () => {
    const { frames, timers, host } = await watching()
    host.watchDirectory('alice', () => {
      throw new Error('a listener that throws')
    })
    await turn()
    await host.create('alice', { key: 'two' })
    await timers.advance(2000)
    expect(frames.at(-1)).toMatchObject({ sessions: [{ key: 'two' }] })
  })

  test('tells what is gone', async () => {
    const { frames, timers, host, session } = await watching()
    await host.delete('alice', session)
    await timers.advance(1000)
    expect(frames.at(-1)).toMatchObject({ sessions: [], gone: [session] })
  })

  test('tells nothing of other principals', async () => {
    const { frames, timers, host } = await watching()
    await host.create('bob', {})
    await timers.advance(2000)
    expect(frames).toHaveLength(1)
  })

  test('tells nothing more once it is not watched', async () => {
    const { frames, timers, host, stop } = await watching()
    stop()
    await host.create('alice', {})
    await timers.advance(2000)
    expect(frames).toHaveLength(1)
  })
})

describe('the embedding app', () => {
  test('can start runs that reach viewers like any other', async () => {
    const { host, session, attach, led } = await hosting()
    const viewer = await attach()
    await host.send(session, 'a scheduled question')
    await led.call(1)
    expect(viewer.transcript().messages).toMatchObject([{ role: 'user', by: 'host', parts: [{ text: 'a scheduled question' }] }])
  })

  test('can append its own events, also between runs', async () => {
    const { host, session, attach } = await hosting()
    const viewer = await attach()
    await host.append(session, { name: 'app/price', value: 12 })
    expect(viewer.transcript().custom).toEqual({ 'app/price': 12 })
  })

  test('may do with an event what it likes once it is appended', async () => {
    const { host, session, attach } = await hosting()
    const value = { price: 12 }
    const appended = host.append(session, { name: 'app/price', value })
    value.price = 13
    await appended
    expect((await attach()).transcript().custom).toEqual({ 'app/price': { price: 12 } })
  })

  test('may do with a message what it likes once it is sent', async () => {
    const { host, session } = await hosting()
    const content: ContentPart[] = [{ type: 'text', text: 'one' }]
    const sent = host.send(session, { id: 'm1', role: 'user', content })
    content.push({ type: 'text', text: 'two' })
    await sent
    const { snapshot } = await host.read('alice', session)
    expect(snapshot.transcript.messages[0]?.parts).toHaveLength(1)
  })

  test('sends nothing that is larger than a message may be', async () => {
    const { host, session } = await hosting({ limits: { messageBytes: 1000 } })
    await expect(host.send(session, 'x'.repeat(1001))).rejects.toMatchObject({ code: 'too_large' })
  })

  test('is refused an event that is no JSON', async () => {
    const { host, session } = await hosting()
    await expect(host.append(session, { name: 'app/price', value: 12n })).rejects.toMatchObject({ code: 'invalid' })
    await expect(host.append(session, { name: 'app/price', value: undefined })).rejects.toMatchObject({ code: 'invalid' })
  })

  test('cannot write the server’s own events', async () => {
    const { host, session } = await hosting()
    await expect(host.append(session, { name: 'throughline/rewound', value: { from: 'm1' } })).rejects.toMatchObject({ code: 'invalid' })
  })
})
