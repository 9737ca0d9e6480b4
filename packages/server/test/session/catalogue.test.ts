import type { DirectoryFrame } from '@throughline/sdk/protocol'
import { describe, expect, test } from 'vitest'
import { manualTimers, turn } from '../manual-timers.ts'
import { hosting, until } from './hosting.ts'

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
    expect((await host.list('alice', {})).map(({ id }) => id)).toEqual([session])
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
    expect(await host.list('alice', { open: true })).toEqual([])
    expect(await host.list('alice', {})).toHaveLength(1)
  })

  test('deleting removes everything, and tells those who watch', async () => {
    const { host, store, session, send, attach, led } = await hosting()
    const viewer = await attach()
    await send('hi')
    await led.call(1)
    await host.delete('alice', session)
    expect(viewer.frames.at(-1)).toEqual({ type: 'detached', session, reason: 'deleted' })
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

  test('cannot write the server’s own events', async () => {
    const { host, session } = await hosting()
    await expect(host.append(session, { name: 'throughline/rewound', value: { from: 'm1' } })).rejects.toMatchObject({ code: 'invalid' })
  })
})
