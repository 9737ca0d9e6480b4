import { describe, expect, test } from 'vitest'
import type { UnsentCommand } from '../../src/index.ts'
import { memoryStorage } from '../../src/saved/index.ts'
import { DAY_MS, laterPage, nextPage, sends, typed, waiting } from '../earlier-page.ts'
import { heldReads, heldWrites } from '../held-storage.ts'
import { setSession, setStage, shown, snapshot } from '../stage.ts'

// Loaded by the client when it is needed; loaded before, that takes no time of its own.
await import('../../src/saved/keeper.ts')

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
    expect(await waiting(storage)).toEqual([])
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

  test('a listener that goes in the very moment takes nothing with it either', async () => {
    const { session, clock, refuse } = await refused()
    await refuse()
    await clock.settle()
    const heard: string[] = []
    const stop = session.on('unsent', ({ text }) => heard.push(`one ${text}`))
    await Promise.resolve()
    await Promise.resolve()
    stop()
    await clock.settle()
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

  test('one whose record is written slowly is told on this page', async () => {
    const storage = memoryStorage()
    await typed(storage, 'my text')
    const held = heldWrites(storage, '/command/')
    const { client, clock, welcomed } = nextPage(held.storage)
    const heard: string[] = []
    client.session('s').on('unsent', ({ text }) => heard.push(text))
    const link = await welcomed()
    await link.says(snapshot((await link.hears('attach')).id, 's', 0))
    await link.says({ type: 'refused', id: (await link.hears('send')).id, code: 'queue_full', message: 'no room' })
    await clock.advance(400)
    held.release()
    await clock.settle()
    expect(heard).toEqual(['my text'])
  })

  test('one of this page rejects once no later page would send it, or that takes too long', async () => {
    const storage = memoryStorage()
    let isHeld = false
    const { session, link, clock } = await setSession({
      storage: { ...storage, delete: (key) => (isHeld ? new Promise(() => {}) : storage.delete(key)) },
      user: 'ann',
    })
    const told: string[] = []
    for (const id of ['a', 'b']) session.send('hi', { id }).catch(() => told.push(id))
    await clock.settle()
    await link.says({ type: 'refused', id: 'a', code: 'queue_full', message: 'no room' })
    expect([told, await waiting(storage)]).toEqual([['a'], ['b']])
    isHeld = true
    await link.says({ type: 'refused', id: 'b', code: 'queue_full', message: 'no room' })
    await clock.advance(299)
    expect(told).toEqual(['a'])
    await clock.advance(1)
    expect(told).toEqual(['a', 'b'])
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
    const { client, welcomed } = laterPage(storage)
    const heard: string[] = []
    client.session('s').on('unsent', ({ text }) => heard.push(text))
    const link = await welcomed()
    await link.says(snapshot((await link.hears('attach')).id, 's', 0))
    expect(heard).toEqual(['one\ntwo'])
  })
})

describe('where the session fails,', () => {
  async function failed(failure: 'session_not_found' | 'superseded') {
    const storage = memoryStorage()
    await typed(storage, 'my text')
    const held = heldReads(storage, '/command/')
    const page = nextPage(held.storage)
    const session = page.client.session('s')
    const unsent: UnsentCommand[] = []
    session.on('unsent', (command) => unsent.push(command))
    const link = await page.welcomed()
    await page.clock.advance(301)
    const { id } = await link.hears('attach')
    if (failure === 'superseded') await link.says(snapshot(id, 's', 0), { type: 'detached', session: 's', id, reason: 'superseded' })
    else await link.says({ type: 'refused', id, session: 's', code: failure, message: 'gone' })
    expect(session.state.failure?.code).toBe(failure)
    return { ...page, session, unsent, link, storage, release: held.release }
  }

  test('for good, before the commands of an earlier page are read, they are told', async () => {
    const { clock, unsent, release, session, storage } = await failed('session_not_found')
    release()
    await clock.settle()
    expect(unsent).toMatchObject([{ text: 'my text', error: { code: 'session_not_found' } }])
    expect(shown(session.state)).toEqual([])
    expect(await waiting(storage)).toEqual([])
  })

  test('but is there still, they wait for the next attach, since they may have taken effect', async () => {
    const { clock, unsent, release, session, link, storage } = await failed('superseded')
    release()
    await clock.settle()
    expect(unsent).toEqual([])
    expect(shown(session.state)).toEqual(['my-text (sending)'])
    expect(await waiting(storage)).toEqual(['my-text'])
    session.retry()
    await link.says(snapshot((await link.hears('attach')).id, 's', 0))
    expect(sends(link)).toEqual(['my-text'])
  })

  test('for good, while they wait, they are told', async () => {
    const storage = memoryStorage()
    await typed(storage, 'my text')
    const { client, clock, welcomed } = nextPage(storage)
    const session = client.session('s')
    const unsent: UnsentCommand[] = []
    session.on('unsent', (command) => unsent.push(command))
    const link = await welcomed()
    const { id } = await link.hears('attach')
    await link.says(snapshot(id, 's', 0), { type: 'detached', session: 's', id, reason: 'deleted' })
    await clock.settle()
    expect(unsent).toMatchObject([{ text: 'my text', error: { code: 'session_not_found' } }])
  })
})
