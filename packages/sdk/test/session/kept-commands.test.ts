import { describe, expect, test } from 'vitest'
import type { ConnectOptions, KeyValueStorage, UnsentCommand } from '../../src/index.ts'
import { memoryStorage } from '../../src/saved/index.ts'
import { batch, resumed, runStarted, setSession, setStage, shown, snapshot, type StagedLink } from '../stage.ts'

// Loaded by the client when it is needed; loaded before, that takes no time of its own.
await import('../../src/saved/keeper.ts')

const DAY_MS = 86_400_000

/** A page without a network on this storage, on which somebody says something, and which then ends without a word. */
async function typed(storage: KeyValueStorage, ...texts: string[]) {
  const page = setStage({ storage, user: 'ann' })
  page.wake.state.hidden = true
  const session = page.client.session('s')
  for (const text of texts) session.send(text, { id: text.replaceAll(' ', '-') }).catch(() => undefined)
  await page.clock.settle()
}

function nextPage(storage: KeyValueStorage, options: ConnectOptions = {}) {
  return setStage({ storage, user: 'ann', ...options })
}

/** A storage whose reads of such keys wait until the test lets them. */
function slowRead(storage: KeyValueStorage, part: string) {
  let release: () => void = () => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const get = (key: string) => (key.includes(part) ? held.then(() => storage.get(key)) : storage.get(key))
  return { release: () => release(), slow: { ...storage, get } }
}

const sends = ({ heard }: StagedLink) => heard.flatMap((frame) => (frame.type === 'send' ? [frame.id] : []))
const commandKeys = async (storage: KeyValueStorage) => (await storage.keys('')).filter((key) => key.includes('/command/'))

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
    let release: (() => void) | undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const { session, link, clock } = await setSession({
      storage: {
        ...storage,
        set: (key, value) => (key.endsWith('/a') ? held.then(() => storage.set(key, value)) : storage.set(key, value)),
      },
      user: 'ann',
    })
    void session.send('hi', { id: 'a' })
    void session.send('hi', { id: 'b' })
    await clock.settle()
    expect(sends(link)).toEqual([])
    release?.()
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
    expect(await commandKeys(storage)).toHaveLength(1)
    await settle(link)
    await clock.settle()
    expect(await commandKeys(storage)).toEqual([])
  })

  test('and dropped in the end also where it settled before it was kept', async () => {
    const storage = memoryStorage()
    let release: (() => void) | undefined
    const held = new Promise<void>((resolve) => {
      release = resolve
    })
    const { session, link, clock } = await setSession({
      storage: { ...storage, set: (key, value) => held.then(() => storage.set(key, value)) },
      user: 'ann',
    })
    void session.send('hi', { id: 'a' })
    await clock.advance(300)
    await link.says({ type: 'accepted', id: 'a', result: { run: 'r' } })
    release?.()
    await clock.settle()
    expect(await commandKeys(storage)).toEqual([])
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
    expect(await commandKeys(storage)).toEqual([])
  })

  test('until the app takes it back by detaching', async () => {
    const storage = memoryStorage()
    const { session, clock } = await setSession({ storage, user: 'ann' })
    const rejected = expect(session.send('hi', { id: 'a' })).rejects.toMatchObject({ code: 'closed' })
    await clock.settle()
    session.detach()
    await rejected
    await clock.settle()
    expect(await commandKeys(storage)).toEqual([])
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
    expect(await commandKeys(storage)).toEqual([])
  })

  test('that is read late goes out where its session is attached already', async () => {
    const storage = memoryStorage()
    await typed(storage, 'one')
    const { release, slow } = slowRead(storage, '/command/')
    const { client, welcomed, clock } = nextPage(slow)
    const session = client.session('s')
    const link = await welcomed()
    await clock.advance(301)
    await link.says(snapshot((await link.hears('attach')).id, 's', 0))
    release()
    await clock.settle()
    expect(shown(session.state)).toEqual(['one (sending)'])
    expect(sends(link)).toEqual(['one'])
  })

  test.each(['/command/', '/replica/'])('whose message stands in what was saved is not shown twice, with %s read last', async (last) => {
    const storage = memoryStorage()
    const first = await setSession({ storage, user: 'ann' })
    await first.link.says(batch('s', 1, [runStarted('r', { id: 'one', content: 'one' })]))
    await first.clock.advance(2_000)
    first.client.close()
    await typed(storage, 'one')
    const { release, slow } = slowRead(storage, last)
    const { client, clock } = nextPage(slow)
    const session = client.session('s')
    await clock.settle()
    release()
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
    expect(await commandKeys(storage)).toEqual([])
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

  test('keeps a session that the app lets go of followed until it is settled', async () => {
    const storage = memoryStorage()
    await typed(storage, 'one')
    const { client, welcomed, clock } = nextPage(storage)
    const session = client.session('s')
    const link = await welcomed()
    await link.says(snapshot((await link.hears('attach')).id, 's', 0))
    session.detach()
    await clock.settle()
    expect(link.heard.map(({ type }) => type)).not.toContain('detach')
    await link.says({ type: 'accepted', id: 'one', result: { run: 'r' } })
    await clock.settle()
    await link.hears('detach')
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
    expect(await commandKeys(storage)).toEqual([])
  })
})

describe('nothing that was typed is lost:', () => {
  async function refused() {
    const storage = memoryStorage()
    await typed(storage, 'my text')
    const page = nextPage(storage)
    const session = page.client.session('s')
    const link = await page.welcomed()
    await link.says(snapshot((await link.hears('attach')).id, 's', 0))
    const { id } = await link.hears('send')
    return { ...page, storage, session, link, refuse: () => link.says({ type: 'refused', id, code: 'queue_full', message: 'no room' }) }
  }

  test('a refusal after a reload is told with the text, and the message goes', async () => {
    const { session, clock, refuse, storage } = await refused()
    const unsent: UnsentCommand[] = []
    session.on('unsent', (command) => unsent.push(command))
    await refuse()
    await clock.settle()
    expect(unsent).toMatchObject([
      { text: 'my text', command: { type: 'send', id: 'my-text' }, error: { code: 'queue_full', message: 'no room' } },
    ])
    expect(shown(session.state)).toEqual([])
    expect(await commandKeys(storage)).toEqual([])
  })

  test('one that nobody heard is told to the first who listens', async () => {
    const { session, clock, refuse } = await refused()
    await refuse()
    await clock.settle()
    const heard: string[] = []
    session.on('unsent', ({ text }) => heard.push(`one ${text}`))
    session.on('unsent', ({ text }) => heard.push(`two ${text}`))
    await clock.settle()
    expect(heard).toEqual(['one my text', 'two my text'])
    session.on('unsent', ({ text }) => heard.push(`three ${text}`))
    await clock.settle()
    expect(heard).toHaveLength(2)
  })

  test('a listener that is gone again at once takes nothing with it', async () => {
    const { session, clock, refuse } = await refused()
    await refuse()
    await clock.settle()
    const heard: string[] = []
    session.on('unsent', ({ text }) => heard.push(`one ${text}`))()
    session.on('unsent', ({ text }) => heard.push(`two ${text}`))
    await clock.settle()
    expect(heard).toEqual(['two my text'])
  })

  test('one that nobody heard on this page is told on the next, and not sent again', async () => {
    const { clock, refuse, storage } = await refused()
    await refuse()
    await clock.settle()
    const next = nextPage(storage)
    const session = next.client.session('s')
    const heard: UnsentCommand[] = []
    session.on('unsent', (command) => heard.push(command))
    const link = await next.welcomed()
    await link.says(snapshot((await link.hears('attach')).id, 's', 0))
    expect(heard).toMatchObject([{ text: 'my text', error: { code: 'queue_full' } }])
    expect(sends(link)).toEqual([])
  })

  test('one that waited for a day is told, and not sent', async () => {
    const storage = memoryStorage()
    await typed(storage, 'my text')
    const { client, clock, links } = nextPage(storage, { now: () => 1_700_000_000_000 + DAY_MS + 60_000 })
    await clock.settle()
    expect(links).toHaveLength(0)
    const heard: UnsentCommand[] = []
    client.session('s').on('unsent', (command) => heard.push(command))
    await clock.settle()
    expect(heard).toMatchObject([{ text: 'my text', error: { code: 'expired' } }])
    expect(await commandKeys(storage)).toEqual([])
  })

  test('one whose page waited for a day rejects', async () => {
    const { clock, client, welcomed, wake } = setStage()
    wake.state.hidden = true
    const session = client.session('s')
    const rejected = expect(session.send('hi')).rejects.toMatchObject({ code: 'expired' })
    await clock.settle()
    clock.sleep(DAY_MS + 1)
    wake.state.hidden = false
    wake.signal('visible')
    const link = await welcomed()
    await link.says(snapshot((await link.hears('attach')).id, 's', 0))
    await rejected
    expect(sends(link)).toEqual([])
    expect(shown(session.state)).toEqual([])
  })

  test('the text of several parts is theirs', async () => {
    const storage = memoryStorage()
    const page = setStage({ storage, user: 'ann' })
    page.wake.state.hidden = true
    const image = { type: 'image', source: { type: 'url', value: 'https://x.test' } } as const
    page.client
      .session('s')
      .send([{ type: 'text', text: 'one' }, image, { type: 'text', text: 'two' }])
      .catch(() => undefined)
    await page.clock.settle()
    const { client, clock } = nextPage(storage, { now: () => 1_700_000_000_000 + 2 * DAY_MS })
    const heard: string[] = []
    client.session('s').on('unsent', ({ text }) => heard.push(text))
    await clock.settle()
    expect(heard).toEqual(['one\ntwo'])
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
