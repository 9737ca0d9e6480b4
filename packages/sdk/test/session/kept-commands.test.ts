import { describe, expect, test } from 'vitest'
import type { UnsentCommand } from '../../src/index.ts'
import { memoryStorage } from '../../src/saved/index.ts'
import { nextPage, sends, typed, waiting } from '../earlier-page.ts'
import { heldReads, heldWrites } from '../held-storage.ts'
import { batch, resumed, runStarted, setSession, setStage, shown, snapshot, type StagedLink } from '../stage.ts'

// Loaded by the client when it is needed; loaded before, that takes no time of its own.
await import('../../src/saved/keeper.ts')

describe('a command is kept', () => {
  test('before it is delivered', async () => {
    const storage = memoryStorage()
    const order: string[] = []
    const { session, link, clock } = await setSession({
      storage: {
        ...storage,
        set: async (key, value) => {
          await storage.set(key, value)
          order.push('kept')
        },
      },
      user: 'ann',
    })
    link.socket.on('message', () => order.push('heard'))
    void session.send('hi', { id: 'a' })
    await clock.settle()
    expect(order).toEqual(['kept', 'heard'])
  })

  test('and delivered all the same where keeping it fails, or hangs', async () => {
    const storage = memoryStorage()
    let isHanging = false
    const { session, link, clock } = await setSession({
      storage: { ...storage, set: () => (isHanging ? new Promise(() => {}) : Promise.reject(new Error('full'))) },
      user: 'ann',
    })
    void session.send('hi', { id: 'a' })
    await clock.settle()
    expect(sends(link)).toEqual(['a'])
    isHanging = true
    void session.send('hi', { id: 'b' })
    await clock.advance(299)
    expect(sends(link)).toEqual(['a'])
    await clock.advance(1)
    expect(sends(link)).toEqual(['a', 'b'])
  })

  test('in the order in which it was given, also where one is kept faster than another', async () => {
    const storage = memoryStorage()
    const held = heldWrites(storage, '/command/a')
    const { session, link, clock } = await setSession({ storage: held.storage, user: 'ann' })
    void session.send('hi', { id: 'a' })
    void session.send('hi', { id: 'b' })
    await clock.settle()
    expect(sends(link)).toEqual([])
    held.release()
    await clock.settle()
    expect(sends(link)).toEqual(['a', 'b'])
  })

  test.each([
    ['accepted', (link: StagedLink) => link.says({ type: 'accepted', id: 'a', result: { run: 'r' } })],
    ['refused', (link: StagedLink) => link.says({ type: 'refused', id: 'a', code: 'busy', message: 'busy' })],
    ['seen in the journal', (link: StagedLink) => link.says(batch('s', 1, [runStarted('r', { id: 'a', content: 'hi' })]))],
  ])('until it is %s', async (_, settle) => {
    const storage = memoryStorage()
    const { session, link, clock } = await setSession({ storage, user: 'ann' })
    session.send('hi', { id: 'a' }).catch(() => undefined)
    await clock.settle()
    expect(await waiting(storage)).toEqual(['a'])
    await settle(link)
    await clock.settle()
    expect(await waiting(storage)).toEqual([])
  })

  test('and dropped in the end also where it settled before it was kept', async () => {
    const storage = memoryStorage()
    const held = heldWrites(storage)
    const { session, link, clock } = await setSession({ storage: held.storage, user: 'ann' })
    void session.send('hi', { id: 'a' })
    await clock.advance(300)
    await link.says({ type: 'accepted', id: 'a', result: { run: 'r' } })
    held.release()
    await clock.settle()
    expect(await waiting(storage)).toEqual([])
  })

  test('and dropped in the end also where the app took it back before it was known whose it is', async () => {
    const storage = memoryStorage()
    const { client, clock, welcomed } = setStage({ storage })
    const session = client.session('s')
    const rejected = expect(session.send('hi', { id: 'a' })).rejects.toMatchObject({ code: 'closed' })
    session.detach()
    await rejected
    client.session('t')
    await welcomed()
    await clock.settle()
    expect(await waiting(storage)).toEqual([])
  })

  test('until the app takes it back by detaching', async () => {
    const storage = memoryStorage()
    const { session, clock } = await setSession({ storage, user: 'ann' })
    const rejected = expect(session.send('hi', { id: 'a' })).rejects.toMatchObject({ code: 'closed' })
    await clock.settle()
    session.detach()
    await rejected
    await clock.settle()
    expect(await waiting(storage)).toEqual([])
  })
})

describe('on the next page a command', () => {
  test('of an earlier one stands in the state at once, marked', async () => {
    const storage = memoryStorage()
    await typed(storage, 'one', 'two')
    const { client, clock } = nextPage(storage)
    const session = client.session('s')
    await clock.settle()
    expect(shown(session.state)).toEqual(['one (sending)', 'two (sending)'])
  })

  test('goes out after replay, in order, before what is given now, under the same id', async () => {
    const storage = memoryStorage()
    await typed(storage, 'one', 'two')
    const { client, welcomed } = nextPage(storage)
    const session = client.session('s')
    void session.send('three', { id: 'three' })
    const link = await welcomed()
    const { id } = await link.hears('attach')
    await link.says(snapshot(id, 's', 0))
    expect(sends(link)).toEqual(['one', 'two', 'three'])
    expect(await link.hears('send')).toEqual({
      type: 'send',
      id: 'one',
      session: 's',
      message: { id: 'one', role: 'user', content: 'one' },
    })
  })

  test('goes out in the order in which it was given, also where the clock was set back in between', async () => {
    const storage = memoryStorage()
    const { wake, client, clock } = nextPage(storage)
    wake.state.hidden = true
    const session = client.session('s')
    session.send('one', { id: 'one' }).catch(() => undefined)
    clock.set(-3_600_000)
    session.send('two', { id: 'two' }).catch(() => undefined)
    await clock.settle()
    const { link } = await setSession({ storage, user: 'ann' })
    expect(sends(link)).toEqual(['one', 'two'])
  })

  test('that took effect before is not sent again where the replay shows it', async () => {
    const storage = memoryStorage()
    const first = await setSession({ storage, user: 'ann' })
    first.session.send('one', { id: 'one' }).catch(() => undefined)
    await first.clock.advance(2_000)
    const { client, welcomed, clock } = nextPage(storage)
    const session = client.session('s')
    const link = await welcomed()
    const { id } = await link.hears('attach')
    await link.says(resumed(id, 's', 2), batch('s', 1, [runStarted('r', { id: 'one', content: 'one' })]))
    expect(shown(session.state)).toEqual(['one'])
    await link.says(batch('s', 2))
    await clock.settle()
    expect(sends(link)).toEqual([])
    expect(await waiting(storage)).toEqual([])
  })

  test('that another tab has settled meanwhile is neither sent nor shown any more', async () => {
    const storage = memoryStorage()
    await typed(storage, 'one')
    const { client, clock, welcomed } = nextPage(storage)
    const session = client.session('s')
    await clock.settle()
    expect(shown(session.state)).toEqual(['one (sending)'])
    for (const key of await storage.keys('')) if (key.includes('/command/')) await storage.delete(key)
    const link = await welcomed()
    await link.says(snapshot((await link.hears('attach')).id, 's', 0))
    await clock.settle()
    expect(shown(session.state)).toEqual([])
    expect(sends(link)).toEqual([])
  })

  test('that is read late goes out where its session is attached already', async () => {
    const storage = memoryStorage()
    await typed(storage, 'one')
    const held = heldReads(storage, '/command/')
    const { client, welcomed, clock } = nextPage(held.storage)
    const session = client.session('s')
    const link = await welcomed()
    await clock.advance(301)
    await link.says(snapshot((await link.hears('attach')).id, 's', 0))
    held.release()
    await clock.settle()
    expect(shown(session.state)).toEqual(['one (sending)'])
    expect(sends(link)).toEqual(['one'])
  })

  test('that is read after the server has closed for good goes out once the app wakes the client', async () => {
    const storage = memoryStorage()
    await typed(storage, 'one')
    const held = heldReads(storage, '/command/')
    const { client, welcomed, clock, links } = nextPage(held.storage)
    client.session('s')
    const link = await welcomed()
    link.socket.close(4501, 'no')
    await clock.settle()
    held.release()
    await clock.settle()
    expect(client.state.status).toBe('closed')
    expect(links).toHaveLength(1)
    client.wake()
    const next = await welcomed()
    await next.says(snapshot((await next.hears('attach')).id, 's', 0))
    await clock.settle()
    expect(sends(next)).toEqual(['one'])
  })

  test.each(['/command/', '/replica/'])('whose message stands in what was saved is not shown twice, with %s read last', async (last) => {
    const storage = memoryStorage()
    const first = await setSession({ storage, user: 'ann' })
    await first.link.says(batch('s', 1, [runStarted('r', { id: 'one', content: 'one' })]))
    await first.clock.advance(2_000)
    first.client.close()
    await typed(storage, 'one')
    const held = heldReads(storage, last)
    const { client, clock } = nextPage(held.storage)
    const session = client.session('s')
    await clock.settle()
    held.release()
    await clock.settle()
    expect(shown(session.state)).toEqual(['one'])
  })

  test('is settled by its answer, and then forgotten', async () => {
    const storage = memoryStorage()
    await typed(storage, 'one')
    const { client, welcomed, clock } = nextPage(storage)
    const session = client.session('s')
    const link = await welcomed()
    await link.says(snapshot((await link.hears('attach')).id, 's', 0), { type: 'accepted', id: 'one', result: { run: 'r' } })
    await clock.settle()
    expect(shown(session.state)).toEqual(['one'])
    expect(await waiting(storage)).toEqual([])
  })

  test('of a session that the app does not open is sent all the same, and the session let go of then', async () => {
    const storage = memoryStorage()
    await typed(storage, 'one')
    const { welcomed, clock, client } = nextPage(storage)
    const link = await welcomed()
    await link.says(snapshot((await link.hears('attach')).id, 's', 0))
    await link.says({ type: 'accepted', id: (await link.hears('send')).id, result: { run: 'r' } })
    await clock.settle()
    await link.hears('detach')
    expect(client.session('s').state.caughtUp).toBe(false)
  })

  test('goes out also where the app lets go of the session before, which ends for the app then and there', async () => {
    const storage = memoryStorage()
    await typed(storage, 'one')
    const { client, welcomed, clock } = nextPage(storage)
    const session = client.session('s')
    const link = await welcomed()
    await link.hears('attach')
    const told: unknown[] = []
    session.on('change', ({ failure, messages }) => told.push([failure?.code, messages]))
    session.on('unsent', () => told.push('unsent'))
    session.detach()
    expect(told).toEqual([['closed', []]])
    await link.says(snapshot((await link.hears('attach')).id, 's', 0))
    await link.says({ type: 'accepted', id: (await link.hears('send')).id, result: { run: 'r' } })
    await clock.settle()
    expect(link.heard.map(({ type }) => type)).toEqual(['hello', 'attach', 'detach', 'attach', 'send', 'detach'])
    expect(told).toHaveLength(1)
    expect(await waiting(storage)).toEqual([])
  })

  test('is shown as on its way to an app that has let go of the session and asks for it again', async () => {
    const storage = memoryStorage()
    await typed(storage, 'one')
    const { client, clock } = nextPage(storage)
    client.session('s')
    await clock.settle()
    client.session('s').detach()
    expect(shown(client.session('s').state)).toEqual(['one (sending)'])
  })

  test('a stop whose run has ended meanwhile settles as not running', async () => {
    const storage = memoryStorage()
    const page = await setSession({ storage, user: 'ann' })
    await page.link.says(batch('s', 1, [runStarted('r', { id: 'x', content: '' })]))
    page.link.wire.blackHole()
    page.session.stop().catch(() => undefined)
    await page.clock.settle()
    const { welcomed, clock, client } = nextPage(storage)
    const unsent: UnsentCommand[] = []
    client.session('s').on('unsent', (command) => unsent.push(command))
    const link = await welcomed()
    await link.says(snapshot((await link.hears('attach')).id, 's', 9))
    const stop = await link.hears('stop')
    expect(stop).toMatchObject({ run: 'r' })
    await link.says({ type: 'accepted', id: stop.id, result: { stopped: false, reason: 'not_running' } })
    await clock.settle()
    expect(unsent).toEqual([])
    expect(await waiting(storage)).toEqual([])
  })
})

test('closing the client ends also a session that waits for a command of an earlier page', async () => {
  const storage = memoryStorage()
  await typed(storage, 'Hi')
  const { client, clock, welcomed } = nextPage(storage)
  const session = client.session('s')
  const link = await welcomed()
  const { id } = await link.hears('attach')
  await link.says({ type: 'refused', id, session: 's', code: 'unavailable', message: 'later', retryMs: 5_000 })
  client.close()
  await clock.settle()
  expect(session.state.failure?.code).toBe('closed')
  expect(clock.pending).toBe(0)
})

test('commands of an earlier page that are read after the client was closed are left to the next page', async () => {
  const storage = memoryStorage()
  await typed(storage, 'Hi')
  const held = heldReads(storage, '/command/')
  const { client, clock, links } = nextPage(held.storage)
  await clock.settle()
  client.close()
  held.release()
  await clock.settle()
  expect(client.followed('s')).toBeUndefined()
  expect(links).toEqual([])
  expect(await waiting(storage)).toEqual(['Hi'])
})
