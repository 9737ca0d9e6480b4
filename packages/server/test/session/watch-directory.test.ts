import type { DirectoryFrame } from '@throughline/sdk/protocol'
import { describe, expect, test } from 'vitest'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { manualTimers, turn } from '../manual-timers.ts'
import { alteredStore, heldStore } from './altered-store.ts'
import { hosting, until } from './hosting.ts'

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

  test('begins with all open sessions, however many pages they fill', async () => {
    const timers = manualTimers()
    const { host } = await hosting({ timers })
    for (let n = 0; n < 450; n++) await host.create('alice', { key: `s${n}` })
    const frames: DirectoryFrame[] = []
    host.watchDirectory('alice', (frame) => frames.push(frame))
    await turn()
    expect(frames[0]?.sessions).toHaveLength(451)
  })

  test('begins with those, too, that change while it is being listed', async () => {
    const timers = manualTimers()
    const { store, hold, open } = heldStore('list')
    const { host, session } = await hosting({ timers, store })
    await timers.advance(1)
    for (let n = 0; n < 200; n++) await host.create('alice', { key: `s${n}` })
    const frames: DirectoryFrame[] = []
    host.watchDirectory('alice', (frame) => frames.push(frame))
    // The first page is asked for already.
    hold()
    await turn()
    // It moves from the second page to the first.
    await timers.advance(1)
    await host.append(session, { name: 'note', value: 1 })
    open()
    await turn()
    expect(frames[0]?.sessions.map(({ id }) => id)).toContain(session)
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
    const { store, hold, open } = heldStore('layout')
    const { host, session, send, attach } = await hosting({ timers, store })
    await attach()
    const frames: DirectoryFrame[] = []
    host.watchDirectory('alice', (frame) => frames.push(frame))
    await turn()
    hold()
    await send('hi')
    await host.delete('alice', session)
    open()
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
