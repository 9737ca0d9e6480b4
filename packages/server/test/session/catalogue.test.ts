import type { ContentPart, DirectoryFrame } from '@throughline/sdk/protocol'
import { describe, expect, test } from 'vitest'
import { createMemoryStore } from '../../src/store/memory-store.ts'
import { StoreError } from '../../src/store/store-error.ts'
import { manualTimers, turn } from '../manual-timers.ts'
import { alteredStore, heldStore } from './altered-store.ts'
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
    const { store, hold, open } = heldStore('append')
    hold()
    const { host, session, send } = await hosting({ store })
    const sent = send('hi')
    await turn()
    const renamed = host.update('alice', session, { title: 'Rome' })
    await turn()
    open()
    await Promise.all([sent, renamed])
    expect(await host.entry('alice', session)).toMatchObject({ title: 'Rome' })
    expect(await store.find(session)).toMatchObject({ record: { title: 'Rome' } })
  })

  test.each(
    (['find', 'lease', 'bounds', 'change'] as const).flatMap((method) => [[method, 'after'] as const, [method, 'before'] as const]),
  )(
    'a title that a person gives holds, also where the store takes its time to %s, and a first message comes %s it',
    async (method, order) => {
      const { store, hold, open } = heldStore(method)
      const { host, session, send } = await hosting({ store })
      hold()
      const doing = [() => host.update('alice', session, { title: 'Rome' }), () => send('hi')]
      const done = []
      for (const begin of order === 'after' ? doing : doing.toReversed()) {
        done.push(begin())
        await turn()
      }
      open()
      await Promise.all(done)
      expect(await host.entry('alice', session)).toMatchObject({ title: 'Rome' })
      expect(await store.find(session)).toMatchObject({ record: { title: 'Rome' } })
    },
  )

  test('a title is shown to nobody before it is stored', async () => {
    const { store, hold, open } = heldStore('append')
    const timers = manualTimers()
    const { host, session, attach } = await hosting({ store, timers })
    await attach()
    const frames: DirectoryFrame[] = []
    host.watchDirectory('alice', (frame) => frames.push(frame))
    await turn()
    hold()
    const renamed = host.update('alice', session, { title: 'Rome' })
    await turn()
    expect((await host.entry('alice', session)).title).toBeUndefined()
    await host.update('alice', session, { position: 4 })
    await timers.advance(2000)
    expect(frames.at(-1)?.sessions.map(({ position, title }) => ({ position, title }))).toEqual([{ position: 4, title: undefined }])
    open()
    await renamed
    await timers.advance(2000)
    expect(frames.at(-1)).toMatchObject({ sessions: [{ title: 'Rome' }] })
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
    const { store, hold, open } = heldStore('remove')
    hold()
    const { host, session, attach } = await hosting({ store })
    await attach()
    const deleted = host.delete('alice', session)
    await turn()
    const late = expect(attach()).rejects.toMatchObject({ code: 'session_not_found' })
    open()
    await deleted
    await late
    await expect(host.entry('alice', session)).rejects.toMatchObject({ code: 'session_not_found' })
  })

  test('deleting tells also those who are just attaching', async () => {
    const { store, hold, open } = heldStore('bounds')
    hold()
    const { host, session } = await hosting({ store })
    const viewer = viewing()
    const attached = host.attach('alice', { type: 'attach', id: 'a', session }, viewer.link)
    await turn()
    const deleted = host.delete('alice', session)
    await turn()
    open()
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
    const { store: held, hold, open } = heldStore('ordinalOf')
    const store = alteredStore(held, () => ({ remove: () => Promise.reject(new StoreError('full', 'the disk is full')) }))
    hold()
    const { host, session, send, led } = await hosting({ store })
    const refused = expect(send('hi')).rejects.toMatchObject({ code: 'unavailable', retryMs: 1000 })
    await turn()
    await expect(host.delete('alice', session)).rejects.toThrow('full')
    open()
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
